#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Lines as they are: addresses from DHCP and router advertisements by real clients, on a machine on which forwarding was
# just switched on, with a strict reverse path filter and default routes as the clients leave them; renumbered, with another lease, with the MTU
# of PPP. Each kernel setting that was changed is shown, and back at the end.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

setting() { in_ns mag cat "/proc/sys/net/$1"; }
address_is() { query mag paths "[p for p in d if p['bindingIdentifier'] == $1][0]['localAddress'].startswith('$2')"; }

# The filter that many distributions switch on, for all links.
# shellcheck disable=SC2016 # The inner shell's variable.
be_strict() { in_ns mag sh -c 'for file in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 1 >"$file"; done'; }

lab_up --dynamic --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
be_router
be_strict
# A DSL line with PPP: eight octets less, at both ends.
in_ns mag ip link set wan1 mtu 1492
in_ns wan1 ip link set access mtu 1492
imprint mag >"$work/mag.before"
# What the gateway sees of its link, the anchor has to be told.
LMA_MORE='  path-mtu: 1492'
configure
start_all
address_is 1 2001:db8:a: || fail "the path over wan1 is not numbered by the advertisement"
address_is 2 203.0.113.100 || fail "the path over wan2 is not numbered by the lease"
[ "$(setting ipv6/conf/wan1/accept_ra)" = 2 ] || fail "wan1 takes no advertisements once the gateway forwards"
query mag settings "{s['setting'] for s in d} >= {'net/ipv6/conf/wan1/accept_ra'} and all(s['isNow'] == s['value'] for s in d)" ||
    fail "the changed settings are not shown"
make_file a 4
download ipv6 a
download ipv4 a
upload ipv6 a
# Full-size packets both ways: none is lost for its size on the smaller line.
host6=$(host_ipv6 host)
for length in 1300 1400 1440 3000; do
    in_ns host ping -6 -q -c 4 -i 0.2 -W 2 -s $length 2001:db8:ffff::80 >/dev/null || fail "packets of $length octets are lost"
done

# Another prefix: the old address is still there, but deprecated.
"$PLAIT" lab renumber wan1 ipv6
renumbered=$(now_ms)
within 40 "the path moves to the new prefix" address_is 1 2001:db8:a:1:
within 30 "both paths are up" both_up mag
echo "measured: after another prefix the path is up within $(($(now_ms) - renumbered)) ms"
# Another lease: the old address is gone at once.
"$PLAIT" lab renumber wan2 ipv4
renumbered=$(now_ms)
within 40 "the path moves to the new lease" address_is 2 203.0.113.101
within 30 "both paths are up" both_up mag
within 30 "both paths are up at the anchor" both_up lma
echo "measured: after another lease the path is up within $(($(now_ms) - renumbered)) ms"
download ipv6 a
download ipv4 a
[ "$(host_ipv6 host)" = "$host6" ] || fail "the site was renumbered"
# The next advertisements still count.
in_ns mag ip -6 route show default | shows 'dev wan1.*expires' || fail "wan1's default route has expired"
end "$server_pid"; server_pid=''
stop mag
stop lma
[ "$(setting ipv6/conf/wan1/accept_ra)" = 1 ] || fail "accept_ra is not back"
[ "$(setting ipv4/conf/wan2/rp_filter)" = 1 ] || fail "the reverse path filter is not back"

# One default route in the main table, the other line's in a table of its own; names by hardware address and by pattern.
lab_up --dynamic --one-default-route --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
be_router
be_strict
imprint mag >"$work/mag.before"
WAN1="name: dsl, mac: \"$(in_ns mag cat /sys/class/net/wan1/address)\"" WAN2='name: stick, interface: "wan2*"'
FAMILY1=ipv4
configure
start_all
in_ns mag ip route show default | shows 'dev wan2' && fail "wan2 has a default route in the main table"
download ipv6 a
download ipv4 a
[ "$(octets mag 2 received)" -gt 2000000 ] || fail "the line without default route carried little"
end "$server_pid"; server_pid=''
stop mag
stop lma
leaves_nothing mag "$work/mag.before" || fail "the gateway left something"
