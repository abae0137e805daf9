#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs in a guest whose kernel has tunnel devices; started by kernel-tunnels.test.sh. Each round: our gateway against an
# anchor of another make, whose far end of the tunnel is the kernel's. PLAIT names the executable;
# MATRIX=all for all rounds.
#
#   host ── mag ── far: static-anchor.py and the kernel's tunnel device, a web server on lo
set -euo pipefail
# The system's own programs: wrappers in other folders take their time here.
export PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
here=$(dirname "$(readlink -f "$0")")
work=$(mktemp -d)
anchor='' gateway='' web=''
declare -A servers=([ipv6]=2001:db8:ffff::80 [ipv4]=192.0.3.80)
# shellcheck source=EndToEnd/polling.sh
. "$here/../polling.sh"

end() {
    [ -n "${1:-}" ] || return 0
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

build() {
    local namespace
    for namespace in host mag far; do
        ip netns add $namespace
        ip netns exec $namespace sh -ec 'echo 0 >/proc/sys/net/ipv6/conf/all/accept_dad
            echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad; ip link set lo up'
    done
    for namespace in mag far; do
        ip netns exec $namespace sh -ec 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
    done
    # This kernel has tunnel devices at the gateway as well, and tells the far end that none of them wants our packets,
    # although a raw socket has taken them. The far end would believe it, and its server refuse connections. Hence one such
    # message in 23 days, of which the kernel counts the first minute as past at the start.
    ip netns exec mag sh -ec 'echo 2000000000 >/proc/sys/net/ipv4/icmp_ratelimit
        echo 2000000000 >/proc/sys/net/ipv6/icmp/ratelimit'
    ip -n host link add eth0 type veth peer name lan0 netns mag
    ip -n mag link add wan1 type veth peer name access netns far
    for end in host:eth0 mag:lan0 mag:wan1 far:access; do
        ip netns exec "${end%:*}" ethtool -K "${end#*:}" tso off gso off gro off tx off >/dev/null
        ip -n "${end%:*}" link set "${end#*:}" up
    done
    ip -n mag addr add 198.51.100.2/24 dev wan1
    ip -n mag addr add 2001:db8:a::2/64 dev wan1 nodad
    ip -n far addr add 198.51.100.1/24 dev access
    ip -n far addr add 2001:db8:a::1/64 dev access nodad
    for address in 192.0.2.1/32 2001:db8:100::1/128 192.0.3.80/32 2001:db8:ffff::80/128; do
        ip -n far addr add $address dev lo
    done
    ip -n mag route add default via 198.51.100.1
    ip -n mag -6 route add default via 2001:db8:a::1
    ip -n host addr add 10.20.0.2/24 dev eth0
    ip -n host route add default via 10.20.0.1
    mkdir "$work/www"
    head -c 1M /dev/urandom >"$work/www/file"
    (cd "$work/www" && exec ip netns exec far python3 -m http.server --bind :: 80) >"$work/server.log" 2>&1 &
    web=$!
}

# configure FAMILY ENCAPSULATION KEYED MODE
configure() {
    cat >"$work/mag.yaml" <<YAML
mag:
  identifier: mag1@example.net
  anchor: { addresses: { ipv6: "2001:db8:100::1", ipv4: 192.0.2.1 }, authentication: none }
  mobile-node: { identifier: cpe1@example.net, delegated-prefixes: [ipv6, ipv4] }
  multipath: false
  gre-key: $3
  wans:
    - { interface: wan1, binding-identifier: 1, label: 11, access-technology: ethernet, family: $1, encapsulation: $2 }
  lan: { interface: lan0 }
  distribution: { mode: $4 }
  # The guest's kernel has no packet filter.
  firewall: { inbound: allow }
  management: { socket: $work/mag.sock }
YAML
}

reaches() { ip netns exec host ping -n -q -c 1 -W 1 "$1"; }
# The device's own count of what it took from our tunnel.
carried() { ip -n far -s -o link show "$1" | grep -v 'RX:[^\\]*\\ *0 *0 ' >/dev/null; }

# against NAME FAMILY ENCAPSULATION KEYED MODE DEVICES ANCHOR-OPTION…
against() {
    local name=$1 family=$2 encapsulation=$3 keyed=$4 mode=$5 devices=$6 address=192.0.2.1 begin device inner server
    shift 6
    [ "$family" = ipv6 ] && address=2001:db8:100::1
    begin=$(now_ms)
    configure "$family" "$encapsulation" "$keyed" "$mode"
    ip netns exec far python3 "$here/static-anchor.py" $address "$encapsulation" "$@" >"$work/anchor.log" 2>&1 &
    anchor=$!
    within 30 "the anchor serves" grep -q serving "$work/anchor.log"
    ip netns exec mag "$PLAIT" mag run --config "$work/mag.yaml" >"$work/mag.log" 2>&1 &
    gateway=$!
    within 40 "the kernel's device is there" ip -n far link show "${devices%% *}"
    for inner in ipv6 ipv4; do
        server=${servers[$inner]}
        within 30 "the host reaches the server over $inner" reaches "$server"
        [ "$inner" = ipv6 ] && server="[$server]"
        ip netns exec host curl -sS -f -g --max-time 60 -o "$work/got" "http://$server/file"
        cmp "$work/www/file" "$work/got" || fail "the download over $inner differs"
    done
    for device in $devices; do carried "$device" || fail "the kernel's $device carried nothing"; done
    end "$gateway"
    end "$anchor"
    for device in $devices; do ip -n far link del "$device"; done
    echo "measured: $name carries both families inside, 1 MB each compared ($(($(now_ms) - begin)) ms)"
}

finish() {
    local status=$?
    set +e
    if [ "$status" != 0 ]; then
        for log in "$work"/*.log; do echo "--- $(basename "$log")"; tail -n 20 "$log"; done
        for device in far0 far1; do ip -n far -s -d link show $device 2>/dev/null; done
    fi
    for process in $gateway $anchor $web; do end "$process"; done
    exit "$status"
}
trap finish EXIT

rounds() {
    against 'ip6gre with key and sequence' ipv6 gre true per-packet far0 --sequence
    against 'gre without key' ipv4 gre false per-flow far0 --no-key
    against 'ip6tnl (41 and 4 over IPv6)' ipv6 ip-in-ip false per-flow far0
    against 'sit and ipip (41 and 4 over IPv4)' ipv4 ip-in-ip false per-flow 'far0 far1'
    [ "${MATRIX:-part}" = all ] || return 0
    against 'ip6gre with key' ipv6 gre true per-flow far0
    against 'ip6gre without key' ipv6 gre false per-flow far0 --no-key
    against 'gre with key' ipv4 gre true per-flow far0
    against 'gre with key and sequence' ipv4 gre true per-packet far0 --sequence
}

build
rounds
