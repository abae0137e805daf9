# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the end-to-end tests share. Each test sources this, calls `lab_up`, and is cleaned up after however it ends.
#
#   plait-host ── plait-mag ══ wan1, wan2 (emulated) ══ plait-lma ── plait-server
#    the site      gateway        access networks         anchor      the Internet

set -euo pipefail
# The system's own Python first: wrappers of it take their time at each of many starts.
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
# shellcheck source=EndToEnd/polling.sh
. "$(dirname "${BASH_SOURCE[0]}")/polling.sh"
PLAIT=${PLAIT:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.build/release/plait}
work=$(mktemp -d)
lma_pid='' mag_pid='' mag2_pid='' server_pid=''

# What a test may change before it calls `configure`. What is empty is left out of the files.
MODE=per-packet          # or per-flow
FAMILY1=ipv6 FAMILY2=ipv4
WAN1='interface: wan1' WAN2='interface: wan2'
ENCAPSULATION1='' ENCAPSULATION2=''
GRE_KEY=''               # true or false
LMA_IPV4=192.0.2.1       # as the anchor itself knows it
LMA_MULTIPATH=true
LMA_KEY=000102030405060708090a0b0c0d0e0f
MAG_KEY=$LMA_KEY
LIFETIME=1h
DELEGATED='ipv6, ipv4'
PREFIX_UPSTREAM='' IPV4_UPSTREAM=''     # routed, on-link or nat: for the IPv6 pools, for the IPv4 pool
HOST_IPV4=10.20.0.2/24 HOST_ROUTER=10.20.0.1
MOBILE_NODE='' LAN=''                   # more keys of these sections, as "key: value"
STORE=$work/lma.sqlite                  # or memory
POOLS='' LMA_MORE='' MAG_MORE=''        # more lines, indented as the files want them

cleanup() {
    local status=$?
    set +e
    # A test that fails shows what the daemons said.
    if [ "$status" != 0 ]; then
        for log in "$work"/*.log; do [ -f "$log" ] && { echo "--- $(basename "$log")"; tail -n 40 "$log"; }; done
    fi
    for pid in $mag_pid $mag2_pid $lma_pid $server_pid; do end "$pid"; done
    # shellcheck disable=SC2086
    for pid in ${watchers[*]:-}; do kill "$pid" 2>/dev/null; done
    for node in ${NODES:-}; do ip netns del "$node"; done
    "$PLAIT" lab down
    rm -rf "$work"
    exit "$status"
}
trap cleanup EXIT

# Ends a process that we started and waits for it.
end() {
    [ -n "${1:-}" ] || return 0
    kill -TERM "$1" 2>/dev/null
    for _ in $(seq 600); do kill -0 "$1" 2>/dev/null || return 0; sleep 0.05; done
    kill -KILL "$1" 2>/dev/null
    return 0
}

in_ns() { local ns=$1; shift; ip netns exec "plait-$ns" "$@"; }
lab_up() { "$PLAIT" lab down; "$PLAIT" lab up "$@"; }

# more KEY VALUE: ", KEY: VALUE" unless the value is empty.
more() { [ -z "$2" ] || printf ', %s: %s' "$1" "$2"; }

configure() {
    cat >"$work/lma.yaml" <<YAML
lma:
  name: lma1
  addresses: { ipv6: "2001:db8:100::1", ipv4: $LMA_IPV4 }
  multipath: $LMA_MULTIPATH
  maximum-lifetime: $LIFETIME
  pools:
    home-network-prefixes: { from: "2001:db8:1234::/48", length: 64$(more upstream "$PREFIX_UPSTREAM") }
    delegated-ipv6-prefixes: { from: "2001:db8:5600::/40", length: 56$(more upstream "$PREFIX_UPSTREAM") }
    delegated-ipv4-prefixes: { from: 10.20.0.0/16, length: 24$(more upstream "$IPV4_UPSTREAM") }
$POOLS
  distribution: { mode: $MODE, rates: { 11: 20mbit, 9: 20mbit } }
  gateways:
    - identifier: mag1@example.net
      mobile-nodes: [cpe1@example.net]
      authentication: { spi: 256, key: $LMA_KEY, algorithm: hmac-sha1-96 }
    - identifier: mag2@example.net
      mobile-nodes: [cpe2@example.net]
      authentication: { spi: 257, key: $LMA_KEY, algorithm: hmac-sha1-96 }
$LMA_MORE
  management: { socket: $work/lma.sock }
  store: $STORE
YAML
    configure_gateway 1 "$work/mag.yaml" "$work/mag.sock"
    configure_gateway 2 "$work/mag2.yaml" "$work/mag2.sock"
    "$PLAIT" check "$work/lma.yaml"
    "$PLAIT" check "$work/mag.yaml"
}

# configure_gateway SITE FILE SOCKET
configure_gateway() {
    cat >"$2" <<YAML
mag:
  identifier: mag$1@example.net
  anchor:
    addresses: { ipv6: "2001:db8:100::1", ipv4: 192.0.2.1 }
    authentication: { spi: $((255 + $1)), key: $MAG_KEY, algorithm: hmac-sha1-96 }
  mobile-node: { identifier: cpe$1@example.net, delegated-prefixes: [$DELEGATED]${MOBILE_NODE:+, $MOBILE_NODE} }
  lifetime: $LIFETIME
  wans:
    - { $WAN1, binding-identifier: 1, label: 11, access-technology: e-utran, family: $FAMILY1, uplink-rate: 20mbit$(more encapsulation "$ENCAPSULATION1") }
    - { $WAN2, binding-identifier: 2, label: 9, access-technology: ethernet, family: $FAMILY2, uplink-rate: 20mbit$(more encapsulation "$ENCAPSULATION2") }
  lan: { interface: lan0, dns: ["2001:db8:53::53"]${LAN:+, $LAN} }
  distribution: { mode: $MODE }
  management: { socket: $3 }
  store: ${2%.yaml}.sqlite
${GRE_KEY:+  gre-key: $GRE_KEY}
$MAG_MORE
YAML
}

start_lma() {
    # Not through in_ns: the process number has to be the daemon's own.
    ip netns exec plait-lma "$PLAIT" lma run --config "$work/lma.yaml" >>"$work/lma.log" 2>&1 &
    lma_pid=$!
    within 30 "the anchor answers" "$PLAIT" show bindings --socket "$work/lma.sock"
}

start_mag() {
    ip netns exec plait-mag "$PLAIT" mag run --config "$work/mag.yaml" >>"$work/mag.log" 2>&1 &
    mag_pid=$!
    within 30 "the gateway answers" "$PLAIT" show bindings --socket "$work/mag.sock"
}

# The second site's.
start_mag2() {
    ip netns exec plait-mag2 "$PLAIT" mag run --config "$work/mag2.yaml" >>"$work/mag2.log" 2>&1 &
    mag2_pid=$!
    within 30 "the second gateway answers" "$PLAIT" show bindings --socket "$work/mag2.sock"
}

# stop lma|mag|mag2: in good order; fails if that takes ten times the second that it may take.
stop() {
    local name=$1_pid begin
    begin=$(now_ms)
    kill -TERM "${!name}"
    wait "${!name}" || fail "the daemon $1 ended with an error"
    [ $(($(now_ms) - begin)) -lt 10000 ] || fail "the daemon $1 took $(($(now_ms) - begin)) ms to end"
    printf -v "$name" ''
}

# query lma|mag|mag2 bindings|paths|flows|counters|settings EXPRESSION: Python over the answer, called d; succeeds if it is true.
query() {
    "$PLAIT" show "$2" --json --socket "$work/$1.sock" |
        python3 -c "import json, sys; d = json.load(sys.stdin); r = ($3); print(r); sys.exit(0 if r else 1)"
}
path_is() { query "$1" paths "[p for p in d if p['bindingIdentifier'] == $2][0]['condition'] == '$3'"; }
both_up() { path_is "$1" 1 up && path_is "$1" 2 up; }
counter() { query "$1" counters "sum(c['value'] for c in d if c['name'] == '$2')" || true; }
octets() { query "$1" paths "[p for p in d if p['bindingIdentifier'] == $2][0]['$3']['octets']" || true; }

# The usual beginning: both daemons, both paths, the host numbered, the server serving $work/www.
start_all() {
    start_lma
    start_mag
    within 30 "both paths are up at the gateway" both_up mag
    within 30 "both paths are up at the anchor" both_up lma
    number_host
    start_server
}

number_host() {
    # The lab would give the LAN its address, and nobody would take it away again.
    within 5 "the LAN has the address that the host is to use" gateway_has_router
    "$PLAIT" lab host-ipv4 "$HOST_IPV4" "$HOST_ROUTER"
    within 30 "the host has an IPv6 address from the router advertisement" host_has_address
    within 30 "the host reaches the server over IPv6" in_ns host ping -6 -c 1 -W 1 2001:db8:ffff::80
    within 30 "the host reaches the server over IPv4" in_ns host ping -4 -c 1 -W 1 192.0.3.80
}
gateway_has_router() { in_ns mag ip -4 -o addr show dev lan0 | shows "inet $HOST_ROUTER/"; }
# The host's address from the prefix that its gateway advertises.
host_ipv6() { in_ns "$1" ip -6 -o addr show dev eth0 scope global -deprecated | grep -o '2001:db8:[^/]*' | sed -n 1p; }
host_has_address() { in_ns host ip -6 addr show dev eth0 scope global | shows '2001:db8:56'; }

start_server() {
    mkdir -p "$work/www"
    (cd "$work/www" && exec ip netns exec plait-server python3 -m http.server --bind :: 80) >"$work/server.log" 2>&1 &
    server_pid=$!
    within 30 "the web server answers" in_ns host curl -sf -o /dev/null "http://192.0.3.80/"
}

# make_file NAME MEGABYTES
make_file() { head -c "$2"M /dev/urandom >"$work/www/$1"; }

# download FAMILY NAME: fetches and compares octet by octet; prints Mbit/s.
download() {
    local host='[2001:db8:ffff::80]'
    [ "$1" = ipv4 ] && host=192.0.3.80
    in_ns host curl -sS -f --max-time 120 -o "$work/$2.got" -w '%{speed_download}\n' "http://$host/$2" |
        awk -v what="$1 $2" '{ printf "measured: download over %s at %.1f Mbit/s\n", what, $1 * 8 / 1e6 }'
    cmp "$work/www/$2" "$work/$2.got" || fail "the download over $1 differs from what was served"
}

# upload FAMILY NAME: the other way, to a listener at the server; compares octet by octet.
upload() {
    local address='2001:db8:ffff::80' listener
    [ "$1" = ipv4 ] && address=192.0.3.80
    ip netns exec plait-server python3 - "$1" "$work/$2.put" <<'PY' &
import socket, sys
family = socket.AF_INET if sys.argv[1] == "ipv4" else socket.AF_INET6
with socket.create_server(("", 81), family=family) as server, open(sys.argv[2], "wb") as file:
    server.settimeout(60)
    connection, _ = server.accept()
    while octets := connection.recv(1 << 16): file.write(octets)
PY
    listener=$!
    within 20 "the listener is there" eval 'in_ns server ss -ltn | shows ":81 "'
    in_ns host python3 -c 'import socket, sys
with socket.create_connection((sys.argv[1], 81), 60) as peer: peer.sendall(open(sys.argv[2], "rb").read())' \
        $address "$work/www/$2" || fail "the upload over $1 broke"
    wait "$listener" || fail "the upload over $1 was not received"
    cmp "$work/www/$2" "$work/$2.put" || fail "the upload over $1 differs from what was sent"
}

# What an operator does to a machine to make it a router. The kernel then takes no advertisements any more, and forgets the
# default routes that came by them.
be_router() {
    in_ns mag sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
    in_ns mag ip -6 route flush proto ra
}

# imprint NAMESPACE: all that a daemon could leave behind there, without what changes by itself.
imprint() {
    in_ns "$1" sh -c '
        ip -o link; ip -o addr; ip route show table all; ip -6 route show table all; ip rule; ip -6 rule; ip neigh show proxy
        ip -6 neigh show proxy; nft list ruleset 2>/dev/null; ip -o tuntap
        grep -rs . /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf /proc/sys/net/ipv4/neigh /proc/sys/net/ipv6/neigh
        grep -s . /proc/sys/net/ipv4/ip_forward' |
        grep -v -e ' cache ' -e '/stable_secret' -e ' proto ra ' |
        sed -E -e 's/expires [0-9]*sec//; s/(valid|preferred)_lft [^ ]*//g; s/ dadfailed//' | sort
}

# leaves_nothing NAMESPACE FILE: whether the imprint is the one in the file; shows what differs.
leaves_nothing() { diff <(imprint "$1") "$2"; }
