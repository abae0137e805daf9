#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Mobile nodes of their own on a gateway's access link (RFC 5213, RFC 5844): two hosts with profiles get a home network
# prefix each by unicast router advertisements, one of them an IPv4 home address by DHCP, and reach the Internet and are
# reached through the tunnel; a host without profile gets nothing; who goes is de-registered, and has the same when it comes
# back. Nothing of it stays when the gateway ends.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"
# shellcheck source=EndToEnd/nodes.sh
. "$(dirname "$0")/nodes.sh"
watchers=()
lab_up --wan1 rate=50mbit,delay=5ms --wan2 rate=50mbit,delay=5ms
configure
configure_nodes "$work/mag.yaml"
permit_nodes
write_dhclient_script
add_access mag
for number in 1 2 3; do add_node $number mag; done
settled() { in_ns mag ip -6 addr show dev acc0 -tentative | shows fe80; }
within 10 "the access link has its own address" settled
imprint mag >"$work/before"

start_lma
start_mag
for number in 1 2 3; do replug $number; done

# Addresses.
within 15 "the first node has an address by router advertisement" has_ipv6 1
within 15 "the second node has one" has_ipv6 2
one=$(node_ipv6 1) two=$(node_ipv6 2)
[ "$(in_network "$one" 0)" != "$(in_network "$two" 0)" ] || fail "both nodes have the same prefix: $one $two"
in_ns node1 ip -6 route show default | shows 'via fe80::200:5eff:fe00:5213' || fail "the router has another link-local address"
start_dhclient 1
within 15 "the first node is given its home address" test -s "$work/dhclient"
shows -E '^BOUND 10\.9\.0\.[0-9]+ 255\.255\.255\.0 10\.9\.0\.1 10\.9\.0\.1 1[34][0-9][0-9]$' <"$work/dhclient" ||
    fail "dhclient was given: $(cat "$work/dhclient")"
home=$(sed -n '1s/BOUND \([^ ]*\) .*/\1/p' "$work/dhclient")
in_ns node1 ip neigh show 10.9.0.1 | shows -i '00:00:5e:00:52:13' || in_ns node1 ping -4 -c 1 -W 2 192.0.3.80 >/dev/null

# Both ways, of both families.
for address in "$one" "$two"; do
    within 10 "the server reaches $address" in_ns server ping -6 -c 1 -W 1 "$address"
done
within 10 "the server reaches $home" in_ns server ping -4 -c 1 -W 1 "$home"
within 10 "the first node reaches the server over IPv4" in_ns node1 ping -4 -c 1 -W 1 192.0.3.80
in_ns node1 ip neigh show 10.9.0.1 | shows -i '00:00:5e:00:52:13' || fail "the default router has another link-layer address"
within 10 "the nodes reach each other" in_ns node1 ping -6 -c 1 -W 1 "$two"
mkdir -p "$work/www"
make_file a 4
(cd "$work/www" && exec ip netns exec plait-server python3 -m http.server --bind :: 80) >"$work/server.log" 2>&1 &
server_pid=$!
(cd "$work/www" && exec ip netns exec plait-node1 python3 -m http.server --bind :: 80) >"$work/node1.log" 2>&1 &
watchers+=($!)
within 15 "the server serves" in_ns node1 curl -sf -o /dev/null http://192.0.3.80/
within 15 "the node serves" in_ns server curl -sf -g -o /dev/null "http://[$one]/"
fetch() {
    in_ns "$1" curl -sS -f -g --max-time 30 -o "$work/got" "$2"
    cmp "$work/www/a" "$work/got" || fail "what $1 fetched from $2 differs"
}
fetch node1 http://192.0.3.80/a
fetch node2 'http://[2001:db8:ffff::80]/a'
fetch server "http://[$one]/a"
fetch server "http://$home/a"
[ "$(octets mag 1 sent)" -gt 0 ] || fail "nothing went through the tunnel"

# Who has no profile has nothing, and sends nothing by taking another's address or any.
has_ipv6 3 && fail "a host without profile has the address $(node_ipv6 3)"
forged=$(in_network "$two" 9999999999999999)
in_ns node3 sh -c "ip -6 addr add $forged/64 dev eth0 nodad
    ip -6 route add default via fe80::200:5eff:fe00:5213 dev eth0; ip addr add 10.1.2.3/24 dev eth0
    ip route add default dev eth0; ip neigh add 192.0.3.80 lladdr 00:00:5e:00:52:13 dev eth0"
ip netns exec plait-server tcpdump -i eth0 -nn -U -w "$work/strange.pcap" 'host 10.1.2.3 or ip6 host '"$forged" 2>/dev/null &
watchers+=($!)
for wan in wan1 wan2; do
    ip netns exec plait-mag tcpdump -i $wan -nn -U -w "$work/strange-$wan.pcap" 'host 10.1.2.3' 2>/dev/null &
    watchers+=($!)
done
within 10 "the captures run" test -s "$work/strange.pcap" -a -s "$work/strange-wan1.pcap" -a -s "$work/strange-wan2.pcap"
in_ns node3 ping -6 -c 2 -i 0.2 -W 1 2001:db8:ffff::80 >/dev/null && fail "a host without profile reaches the server"
in_ns node3 ping -4 -c 2 -i 0.2 -W 1 192.0.3.80 >/dev/null && fail "a host without profile reaches the server over IPv4"
for capture in strange strange-wan1 strange-wan2; do
    [ "$(tcpdump -nn -r "$work/$capture.pcap" 2>/dev/null | wc -l)" = 0 ] || fail "packets of a host without profile left ($capture)"
done

# Going and coming.
in_ns node2 ip link set eth0 down
gone() { ! registered mag tablet; }
within 15 "who has gone is de-registered" gone
registered lma phone || fail "the other node went, too"
in_ns node2 ip link set eth0 up
within 15 "who comes back has an address again" has_ipv6 2
[ "$(node_ipv6 2)" = "$two" ] || fail "who came back had $two and has $(node_ipv6 2)"
within 10 "who came back is reached" in_ns server ping -6 -c 1 -W 1 "$two"

# An operator's word.
"$PLAIT" detach tablet@nodes.example.net --socket "$work/mag.sock"
within 10 "who was detached is de-registered" gone
in_ns node2 ping -6 -c 1 -W 1 2001:db8:ffff::80 >/dev/null && fail "who was detached reaches the server"
"$PLAIT" attach tablet@nodes.example.net --socket "$work/mag.sock"
within 10 "who was attached is reached again" in_ns server ping -6 -c 1 -W 1 "$two"
"$PLAIT" detach nobody@example.net --socket "$work/mag.sock" 2>/dev/null && fail "nobody was detached"

# What a killed gateway leaves is no way out, and is put back by the next one.
kill -KILL "$mag_pid"
wait "$mag_pid" 2>/dev/null || true
in_ns node2 ping -6 -c 1 -W 1 2001:db8:ffff::80 >/dev/null && fail "a node reaches the server without a gateway"
start_mag
within 15 "the nodes are served again" in_ns server ping -6 -c 1 -W 1 "$two"
stop mag
leaves_nothing mag "$work/before" || fail "the gateway has left something"
