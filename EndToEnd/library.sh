# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the end-to-end tests share. Each test sources this, calls `lab_up`, and is cleaned up after however it ends.
#
#   plait-host ── plait-mag ══ wan1, wan2 (emulated) ══ plait-lma ── plait-server
#    the site      gateway        access networks         anchor      the Internet

set -euo pipefail
# shellcheck source=EndToEnd/polling.sh
. "$(dirname "${BASH_SOURCE[0]}")/polling.sh"
PLAIT=${PLAIT:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.build/release/plait}
work=$(mktemp -d)
lma_pid='' mag_pid='' server_pid=''

# What a test may change before it calls `configure`.
MODE=per-packet          # or per-flow
FAMILY1=ipv6 FAMILY2=ipv4
LMA_MULTIPATH=true
LMA_KEY=000102030405060708090a0b0c0d0e0f
MAG_KEY=$LMA_KEY
LIFETIME=1h

cleanup() {
    local status=$?
    set +e
    # A test that fails shows what the daemons said.
    if [ "$status" != 0 ]; then
        for log in "$work"/*.log; do [ -f "$log" ] && { echo "--- $(basename "$log")"; tail -n 40 "$log"; }; done
    fi
    for pid in $mag_pid $lma_pid $server_pid; do end "$pid"; done
    "$PLAIT" lab down
    rm -rf "$work"
    exit "$status"
}
trap cleanup EXIT

# Ends a process that we started and waits for it.
end() {
    [ -n "${1:-}" ] || return 0
    kill -TERM "$1" 2>/dev/null
    for _ in $(seq 100); do kill -0 "$1" 2>/dev/null || return 0; sleep 0.05; done
    kill -KILL "$1" 2>/dev/null
    return 0
}

in_ns() { local ns=$1; shift; ip netns exec "plait-$ns" "$@"; }
lab_up() { "$PLAIT" lab down; "$PLAIT" lab up "$@"; }

configure() {
    cat >"$work/lma.yaml" <<YAML
lma:
  name: lma1
  addresses: { ipv6: "2001:db8:100::1", ipv4: 192.0.2.1 }
  multipath: $LMA_MULTIPATH
  maximum-lifetime: $LIFETIME
  pools:
    home-network-prefixes: { from: "2001:db8:1234::/48", length: 64 }
    delegated-ipv6-prefixes: { from: "2001:db8:5600::/40", length: 56 }
    delegated-ipv4-prefixes: { from: 10.20.0.0/16, length: 24 }
  distribution: { mode: $MODE, rates: { 11: 20mbit, 9: 20mbit } }
  gateways:
    - identifier: mag1@example.net
      mobile-nodes: [cpe1@example.net]
      authentication: { spi: 256, key: $LMA_KEY, algorithm: hmac-sha1-96 }
  management: { socket: $work/lma.sock }
YAML
    cat >"$work/mag.yaml" <<YAML
mag:
  identifier: mag1@example.net
  anchor:
    addresses: { ipv6: "2001:db8:100::1", ipv4: 192.0.2.1 }
    authentication: { spi: 256, key: $MAG_KEY, algorithm: hmac-sha1-96 }
  mobile-node: { identifier: cpe1@example.net, delegated-prefixes: [ipv6, ipv4] }
  lifetime: $LIFETIME
  wans:
    - { interface: wan1, binding-identifier: 1, label: 11, access-technology: e-utran, family: $FAMILY1, uplink-rate: 20mbit }
    - { interface: wan2, binding-identifier: 2, label: 9, access-technology: ethernet, family: $FAMILY2, uplink-rate: 20mbit }
  lan: { interface: lan0, dns: ["2001:db8:53::53"] }
  distribution: { mode: $MODE }
  management: { socket: $work/mag.sock }
YAML
    "$PLAIT" check "$work/lma.yaml"
    "$PLAIT" check "$work/mag.yaml"
}

start_lma() {
    # Not through in_ns: the process number has to be the daemon's own.
    ip netns exec plait-lma "$PLAIT" lma run --config "$work/lma.yaml" >>"$work/lma.log" 2>&1 &
    lma_pid=$!
    within 10 "the anchor answers" "$PLAIT" show bindings --socket "$work/lma.sock"
}

start_mag() {
    ip netns exec plait-mag "$PLAIT" mag run --config "$work/mag.yaml" >>"$work/mag.log" 2>&1 &
    mag_pid=$!
    within 10 "the gateway answers" "$PLAIT" show bindings --socket "$work/mag.sock"
}

# query lma|mag bindings|paths|flows|counters EXPRESSION: Python over the answer, called d; succeeds if it is true.
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
    within 15 "both paths are up at the gateway" both_up mag
    within 15 "both paths are up at the anchor" both_up lma
    number_host
    start_server
}

number_host() {
    "$PLAIT" lab host-ipv4 10.20.0.2/24 10.20.0.1
    within 10 "the host has an IPv6 address from the router advertisement" host_has_address
    within 10 "the host reaches the server over IPv6" in_ns host ping -6 -c 1 -W 1 2001:db8:ffff::80
    within 10 "the host reaches the server over IPv4" in_ns host ping -4 -c 1 -W 1 192.0.3.80
}
host_has_address() { in_ns host ip -6 addr show dev eth0 scope global | grep -q '2001:db8:56'; }

start_server() {
    mkdir -p "$work/www"
    (cd "$work/www" && exec ip netns exec plait-server python3 -m http.server --bind :: 80) >"$work/server.log" 2>&1 &
    server_pid=$!
    within 10 "the web server answers" in_ns host curl -sf -o /dev/null "http://192.0.3.80/"
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
