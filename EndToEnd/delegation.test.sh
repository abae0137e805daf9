#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Routers behind the gateway get prefixes of their own by DHCPv6 (RFC 8415, RFC 7148): two makes of clients ask, one numbers a
# LAN from what it got, and a host there is reached through the tunnel. The prefix is the same after the gateway was
# killed, its route is gone once it is released, and nothing is left at the end. A router that is set up by hand has a part
# of the node's own prefix.
# shellcheck source=EndToEnd/routers.sh
. "$(dirname "$0")/routers.sh"
LAN='delegate: { length: 60, lease: 10m }'
lab_up --wan1 rate=20mbit --wan2 rate=20mbit
configure
wide_config 4

before=$work/before
router_up
start_lma
imprint mag >"$before"
# It advertises that there is more to be had by DHCPv6.
ip netns exec plait-host timeout 30 tcpdump -U -c 1 -nvi eth0 'icmp6 and ip6[40] == 134' >"$work/advertised" 2>/dev/null &
start_mag
within 15 "both paths are up at the gateway" both_up mag
within 10 "router advertisements have the flag O" shows 'Flags \[other stateful\]' "$work/advertised"
within 15 "both paths are up at the anchor" both_up lma
within 10 "the router has its own address" host_has_address

ask_wide
within 20 "the gateway routes a prefix to the router" has_delegated
within 20 "the router has numbered its own LAN" numbered 2001:db8:56
first=$(delegated)
echo "$first" | shows -E '^2001:db8:56[0-9a-f]*:[0-9a-f]+::/60$' || fail "delegated: $first"
lan=$(in_ns mag ip -6 -o addr show dev lan0 scope global | grep -o '2001:db8:56[^ ]*')
python3 - "$first" "$lan" <<'PY' || fail "the LAN's own /64 was delegated as well"
import ipaddress, sys
sys.exit(ipaddress.ip_network(sys.argv[1]).overlaps(ipaddress.ip_interface(sys.argv[2]).network))
PY
within 10 "the router is told of the resolver" shows '2001:db8:53::53' "$work/servers"

# A host behind the router, through the tunnel to the far side and back.
number_behind 2001:db8:56
within 10 "a host behind the router reaches the server" reaches

# What the router has outlives the gateway: routed anew before it has asked.
kill -KILL "$mag_pid"
wait "$mag_pid" 2>/dev/null || true
asked=$(sent)
start_mag
within 15 "both paths are up again" both_up mag
same() { [ "$(delegated)" = "$first" ]; }
within 15 "the same prefix is routed again" same
within 10 "the host behind the router reaches the server again" reaches
[ "$(sent)" = "$asked" ] || fail "the router has asked meanwhile: this shows nothing"

# Who goes gives its prefix back.
end_client
within 10 "the route is gone with the release" has_none
in_ns behind ping -6 -c 1 -W 1 2001:db8:ffff::80 >/dev/null && fail "a released prefix is still routed"

# Another make of client: it has another prefix than the one before had, or the same; on no account the LAN's.
ask_dhcpcd
within 20 "the other client has a prefix" has_delegated
delegated | shows -E '/60$' || fail "delegated: $(delegated)"

stop mag
end_client
leaves_nothing mag "$before" || fail "the gateway has left something"

# The node has a prefix to itself, and a router gets a part of it by the operator's hand, at both ends.
stop lma
rm -f "$work"/*.sqlite*
node='{ identifier: cpe1@example.net, delegated-prefixes: ["2001:db8:7700::/56"] }'
sed -i "s|mobile-nodes: \[cpe1@example.net\]|mobile-nodes: [$node]|" "$work/lma.yaml"
start_lma
start_mag
within 15 "both paths are up with a prefix of its own" both_up mag
own() { in_ns mag ip -6 -o addr show dev lan0 scope global | shows '2001:db8:7700:'; }
within 10 "the LAN is numbered from it" own
router=$(in_ns host ip -6 -o addr show dev eth0 scope link | grep -o 'fe80:[^/]*')
in_ns mag ip -6 route add 2001:db8:7700:10::/60 via "$router" dev lan0
in_ns host ip -6 addr add 2001:db8:7700:10::1/64 dev inner nodad
number_behind 2001:db8:7700:10:
within 10 "a host behind the router set up by hand reaches the server" reaches
in_ns server ping -6 -c 1 -W 2 "$behind" >/dev/null || fail "the server does not reach the host behind that router"
