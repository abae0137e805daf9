#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Routers behind the gateway get prefixes of their own by DHCPv6 (RFC 8415, RFC 7148): two makes of clients ask, one numbers a
# LAN from what it got, and a host there is reached through the tunnel. The prefix is the same after the gateway was
# killed, its route is gone once it is released, and nothing is left at the end.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"
LAN='delegate: { length: 60, lease: 10m }'
lab_up --wan1 rate=20mbit --wan2 rate=20mbit
configure

#   plait-mag lan0 ── eth0 plait-host ═ (becomes a router) ═ inner ── eth0 plait-behind
router_up() {
    ip netns add plait-behind
    in_ns host ip link add inner type veth peer name eth0 netns plait-behind
    in_ns host ip link set inner up
    in_ns behind ip link set lo up
    in_ns behind ip link set eth0 up
    in_ns host sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
}
client_pid=''
trap 'status=$?; set +e; end "$client_pid"; ip netns delete plait-behind 2>/dev/null; (exit "$status"); cleanup' EXIT

# wide-dhcpv6: it numbers the link below by itself, from the first /64 of what it is given.
cat >"$work/dhcp6c.conf" <<CONF
interface eth0 { send ia-pd 1; request domain-name-servers; script "$work/told.sh"; };
id-assoc pd 1 { prefix-interface inner { sla-id 0; sla-len 4; ifid 1; }; };
CONF
cat >"$work/told.sh" <<SH
#!/bin/sh
echo "\$new_domain_name_servers" >>"$work/servers"
SH
chmod +x "$work/told.sh"
touch "$work/servers"
ask_wide() {
    ip netns exec plait-host dhcp6c -f -D -c "$work/dhcp6c.conf" -p "$work/dhcp6c.pid" eth0 >>"$work/dhcp6c.log" 2>&1 &
    client_pid=$!
}
delegated() { in_ns mag ip -6 route show proto 213 dev lan0 | sed -n 's/^\(2001:db8:56[^ ]*\) via fe80:.*/\1/p'; }
has_delegated() { [ -n "$(delegated)" ]; }
has_none() { [ -z "$(delegated)" ]; }
sent() { grep -c 'client6_send: send' "$work/dhcp6c.log"; }
numbered() { in_ns host ip -6 -o addr show dev inner scope global | shows '2001:db8:56'; }

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
within 20 "the router has numbered its own LAN" numbered
first=$(delegated)
echo "$first" | shows -E '^2001:db8:56[0-9a-f]*:[0-9a-f]+::/60$' || fail "delegated: $first"
lan=$(in_ns mag ip -6 -o addr show dev lan0 scope global | grep -o '2001:db8:56[^ ]*')
python3 - "$first" "$lan" <<'PY' || fail "the LAN's own /64 was delegated as well"
import ipaddress, sys
sys.exit(ipaddress.ip_network(sys.argv[1]).overlaps(ipaddress.ip_interface(sys.argv[2]).network))
PY
within 10 "the router is told of the resolver" shows '2001:db8:53::53' "$work/servers"

# A host behind the router, through the tunnel to the far side and back.
router=$(in_ns host ip -6 -o addr show dev inner scope global | grep -o '2001:db8:56[^/]*')
in_ns behind ip -6 addr add "${router%1}99/64" dev eth0 nodad
in_ns behind ip -6 route add default via "$router"
reaches() { in_ns behind ping -6 -c 1 -W 1 2001:db8:ffff::80; }
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
end "$client_pid"
client_pid=''
within 10 "the route is gone with the release" has_none
in_ns behind ping -6 -c 1 -W 1 2001:db8:ffff::80 >/dev/null && fail "a released prefix is still routed"

# Another make of client: it has another prefix than the one before had, or the same; on no account the LAN's.
cat >"$work/dhcpcd.conf" <<CONF
duid
noipv4
noipv6rs
waitip 6
script /bin/true
interface eth0
  ia_pd 2
CONF
ip netns exec plait-host dhcpcd -B -d -f "$work/dhcpcd.conf" eth0 >"$work/dhcpcd.log" 2>&1 &
client_pid=$!
within 20 "the other client has a prefix" has_delegated
delegated | shows -E '/60$' || fail "delegated: $(delegated)"

stop mag
end "$client_pid"
client_pid=''
leaves_nothing mag "$before" || fail "the gateway has left something"
