#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two sites of one anchor, one line of each behind a translator: their hosts reach each other over both families. Class and
# congestion marks travel as RFC 2983 and RFC 6040 say; fragments and ICMP errors come through.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

MAG_MORE='  firewall: { inbound: allow }'
lab_up --sites 2 --nat wan2 --wan1 rate=50mbit,delay=5ms --wan2 rate=50mbit,delay=5ms
configure
start_all
start_mag2
within 30 "both paths of the second site are up" both_up mag2
# The anchor gives prefixes in the order in which sites come.
in_ns mag2 ip -4 -o addr show dev lan0 | shows 'inet 10.20.1.1/24' || fail "the second site has no IPv4 prefix of its own"
"$PLAIT" lab host-ipv4 10.20.1.2/24 10.20.1.1 --site 2
within 30 "the second host has an address" host_ipv6 host2
one=$(host_ipv6 host) two=$(host_ipv6 host2)
[ "${one%:*:*:*:*}" != "${two%:*:*:*:*}" ] || fail "both sites have the same prefix: $one $two"
within 30 "the hosts reach each other over IPv6" in_ns host ping -6 -c 1 -W 1 "$two"
within 30 "the hosts reach each other over IPv4" in_ns host2 ping -4 -c 1 -W 1 10.20.0.2

# Transfers from site to site.
make_file a 4
(cd "$work/www" && exec ip netns exec plait-host2 python3 -m http.server --bind :: 80) >"$work/host2.log" 2>&1 &
listener=$!
within 30 "the second host serves" in_ns host curl -sf -o /dev/null http://10.20.1.2/
for url in "http://[$two]/a" http://10.20.1.2/a; do
    in_ns host curl -sS -f -g --max-time 60 -o "$work/got" "$url"
    cmp "$work/www/a" "$work/got" || fail "the download from the other site differs"
done
kill "$listener"; wait "$listener" 2>/dev/null || true

# Fragments, whole only at the other host.
in_ns host ping -6 -q -c 3 -i 0.2 -W 2 -s 4000 "$two" >/dev/null || fail "IPv6 fragments do not pass"
in_ns host ping -4 -q -c 3 -i 0.2 -W 2 -M dont -s 4000 10.20.1.2 >/dev/null || fail "IPv4 fragments do not pass"

# Errors about inner packets. The hop limit ends at the gateway, the anchor, the other gateway (which answers IPv4 by its
# own default route, past the tunnel); no port; too big.
for hops in 1 2 3; do
    (in_ns host ping -6 -n -c 3 -i 0.3 -W 2 -t $hops "$two" || true) | shows -i 'time exceeded' ||
        fail "no Time Exceeded over IPv6 after $hops hops"
done
for hops in 1 2; do
    (in_ns host ping -4 -n -c 3 -i 0.3 -W 2 -t $hops 10.20.1.2 || true) | shows -i 'time to live exceeded' ||
        fail "no Time Exceeded over IPv4 after $hops hops"
done
# From one tunnel into another is no detour.
(in_ns host ping -4 -n -c 2 -i 0.2 -W 2 10.20.1.2 || true) | shows -i redirect && fail "the anchor redirects hosts to one another"
for address in "$two" 10.20.1.2; do
    in_ns host python3 -c 'import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
with socket.socket(family, socket.SOCK_DGRAM) as s:
    s.connect((sys.argv[1], 9)); s.settimeout(0.5)
    # A kernel sends so many errors a second only.
    for _ in range(40):
        try: s.send(b"x"); s.recv(1)
        except ConnectionRefusedError: sys.exit(0)
        except TimeoutError: pass
sys.exit(1)' "$address" || fail "no Port Unreachable from $address"
done
refused() { (in_ns host ping -4 -c 1 -W 1 -M "do" -s 1472 10.20.1.2 || true) | shows -E 'mtu ?[=:] ?1[34]'; }
within 20 "the host hears of fragmentation needed" refused

# capture NAMESPACE INTERFACE NAME FILTER
capture() {
    ip netns exec "plait-$1" tcpdump -i "$2" -nn -U -w "$work/$3.pcap" "$4" 2>/dev/null &
    watchers+=($!)
    within 20 "the capture $3 runs" test -s "$work/$3.pcap"
}
# seen NAME FILTER COUNT: how many packets of the capture match; at least COUNT.
seen() { [ "$(tcpdump -nn -r "$work/$1.pcap" "$2" 2>/dev/null | wc -l)" -ge "$3" ]; }
# mark FAMILY CLASS: ten datagrams of this traffic class to the other host.
mark() {
    in_ns host python3 -c 'import socket, sys
family, address, value = sys.argv[1], sys.argv[2], int(sys.argv[3], 16)
if family == "ipv6":
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, value)
else:
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, value)
for _ in range(10): s.sendto(b"x" * 100, (address, 9))' "$1" "$2" "$3"
}

# The outer header has the class and the mark that the inner has: RFC 2983 uniform, RFC 6040 normal mode.
watchers=()
capture lma core1 outer1 'ip6 proto 47'
capture lma core2 outer2 'udp port 5437'
capture host2 eth0 inner 'udp port 9'
for class in b8 02 01 2a; do
    mark ipv6 "$two" $class
    mark ipv4 10.20.1.2 $class
done
within 20 "the marked packets arrive" seen inner 'udp port 9' 80
for class in b8 02 01 2a; do
    seen inner "ip6[0:2] & 0x0ff0 = 0x${class}0" 10 || fail "IPv6 packets of class $class did not arrive as such"
    seen inner "ip and ip[1] = 0x$class" 10 || fail "IPv4 packets of class $class did not arrive as such"
done
# Both directions pass the anchor, ten packets of each family on either line: those of each class, wherever they went.
outer() {
    [ $(($(tcpdump -nn -r "$work/outer1.pcap" "ip6[0:2] & 0x0ff0 = 0x${1}0" 2>/dev/null | wc -l) +
        $(tcpdump -nn -r "$work/outer2.pcap" "ip[1] = 0x$1" 2>/dev/null | wc -l))) -ge 40 ]
}
for class in b8 2a; do within 20 "40 outer headers have class $class" outer $class; done
for watcher in "${watchers[@]}"; do kill "$watcher"; wait "$watcher" 2>/dev/null || true; done

# Congestion met in the tunnel: the access networks mark everything; who can be told is told, who cannot loses the packet.
for wan in wan1 wan2; do
    in_ns $wan nft -f - <<'NFT'
table inet lab-mark {
  chain forward {
    type filter hook forward priority filter;
    meta nfproto ipv6 ip6 nexthdr 47 ip6 ecn { ect0, ect1 } ip6 ecn set ce
    meta nfproto ipv4 udp dport 5437 ip ecn { ect0, ect1 } ip ecn set ce
    meta nfproto ipv4 udp sport 5437 ip ecn { ect0, ect1 } ip ecn set ce
  }
}
NFT
done
watchers=()
capture host2 eth0 marked 'udp port 9'
mark ipv6 "$two" 02
mark ipv4 10.20.1.2 02
mark ipv6 "$two" b8
within 20 "the marked packets arrive" seen marked 'udp port 9' 30
seen marked 'ip6[0:2] & 0x0ff0 = 0x0030' 10 || fail "Congestion Experienced does not reach IPv6 packets"
seen marked 'ip and ip[1] = 0x03' 10 || fail "Congestion Experienced does not reach IPv4 packets"
seen marked 'ip6[0:2] & 0x0ff0 = 0x0b80' 10 || fail "packets that cannot be marked were changed"
for watcher in "${watchers[@]}"; do kill "$watcher"; wait "$watcher" 2>/dev/null || true; done
