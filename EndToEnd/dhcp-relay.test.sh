#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A DHCP server beside the anchor gives a mobile node the IPv4 home address that the anchor has assigned, through the
# gateway's relay agent (RFC 5844 §3.4.2): what it gives otherwise is refused; the node learns mask, router and MTU, renews
# through the relay, and by its release the address is the anchor's again while its IPv6 prefix stays.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"
# shellcheck source=EndToEnd/nodes.sh
. "$(dirname "$0")/nodes.sh"
watchers=()
lab_up --wan1 rate=50mbit,delay=5ms --wan2 rate=50mbit,delay=5ms
configure
configure_nodes "$work/mag.yaml"
sed -i 's/{ interface: acc0, /&dhcp-relay: { server: 198.18.1.2 }, /' "$work/mag.yaml"
"$PLAIT" check "$work/mag.yaml"
permit_nodes
write_dhclient_script
add_access mag
add_node 1 mag

# serve ADDRESS: to whomever the relay agent names by the home address 10.9.0.HOME, in its Agent Remote ID. Renewals soon.
serve() {
    ip netns exec plait-lma dnsmasq --keep-in-foreground --port=0 --no-hosts --no-resolv --no-ping --user=root --conf-file=/dev/null \
        --log-facility=- --log-dhcp --dhcp-authoritative --interface=core1 --bind-interfaces \
        --pid-file="$work/dnsmasq.pid" --dhcp-leasefile="$work/dnsmasq.leases" \
        --dhcp-remoteid=set:home,"$(printf '0a:09:00:%02x' "${home##*.}")" \
        --dhcp-range=tag:home,"$1","$1",255.255.255.0,2m --dhcp-option=option:T1,3 >>"$work/dnsmasq.log" 2>&1 &
    server_pid=$!
    within 10 "the DHCP server runs" test -s "$work/dnsmasq.pid"
}

start_lma
start_mag
replug 1
home_route() { in_ns mag ip -4 route show dev acc0 | grep -o '^10\.9\.0\.[0-9]*'; }
within 15 "the node has an IPv4 home address" home_route
home=$(home_route)

# Server and anchor do not agree.
serve 10.9.0.222
start_dhclient 1
dhclient_pid=${watchers[-1]}
within 15 "the other address is refused, and an operator told" \
    grep -q "error.* the DHCP server gives phone@nodes.example.net 10.9.0.222, its IPv4 home address is $home: not relayed" "$work/mag.log"
[ ! -s "$work/dhclient" ] || fail "dhclient was given: $(cat "$work/dhclient")"
[ "$(counter mag dhcp_mismatched)" -gt 0 ] || fail "the mismatch was not counted"
end "$dhclient_pid"
end "$server_pid"
rm -f "$work/dnsmasq.pid" "$work/dnsmasq.leases"

# They do.
serve "$home"
start_dhclient 1
within 15 "the node is given its home address" test -s "$work/dhclient"
# The server says nothing of the MTU, and calls the relay the router.
shows -E "^BOUND $home 255\.255\.255\.0 10\.9\.0\.1 10\.9\.0\.1 1[34][0-9][0-9]$" <"$work/dhclient" ||
    fail "dhclient was given: $(cat "$work/dhclient")"
within 10 "the node reaches the server over IPv4" in_ns node1 ping -4 -c 1 -W 1 192.0.3.80
# The client thinks that the default router is its server, and speaks to it alone.
within 10 "the lease is renewed" grep -q "^RENEW $home 255.255.255.0 10.9.0.1 10.9.0.1 1" "$work/dhclient"

# Released: the server and the anchor know it, and the rest of the session stays.
held() { grep 'phone@nodes.example.net has' "$work/lma.log" | tail -n 1 | shows "$home/32"; }
held || fail "the anchor does not know $home"
address=$(node_ipv6 1)
in_ns node1 dhclient -r -4 -sf "$work/dhclient.sh" -lf "$work/dhclient.leases" -pf "$work/dhclient.pid" \
    -cf "$work/dhclient.conf" eth0 >>"$work/dhclient.log" 2>&1
within 10 "the server hears of the release" grep -q "DHCPRELEASE.*$home" "$work/dnsmasq.log"
given_back() { ! held; }
within 10 "the anchor has the address again" given_back
[ -z "$(home_route)" ] || fail "the gateway still has a route to $home"
registered lma phone || fail "the session has ended with the address"
within 5 "the server reaches the node by its prefix" in_ns server ping -6 -c 1 -W 1 "$address"

# Another one is asked for when the node wants one.
: >"$work/dhclient"
in_ns node1 ip -4 address flush dev eth0
start_dhclient 1
within 15 "the node is given an address again" test -s "$work/dhclient"
held || fail "the anchor does not know $home"
within 10 "the node reaches the server over IPv4 again" in_ns node1 ping -4 -c 1 -W 1 192.0.3.80
