#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A split gateway (draft-seite-dmm-rg-multihoming §2, Figure 3): the DSL line is behind somebody else's router, which gives the
# gateway a private lease and translates, with mappings of two seconds; LTE is the gateway's own, with a public IPv6 address. Both
# carry; and the site keeps its addresses and a transfer while the router restarts and comes back with another public
# address.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

FAMILY1=ipv4 FAMILY2=ipv6
WAN1='interface: wan1' WAN2='interface: wan2'
LMA_MORE='  nat-refresh: 1s'
MAG_MORE='  firewall: { inbound: allow }'
path() { query "$1" paths "[p for p in d if p['bindingIdentifier'] == $2][0]$3"; }

lab_up --nat wan1 --dynamic --wan1 rate=20mbit,delay=10ms --wan2 rate=20mbit,delay=25ms
be_router
configure
start_all
path mag 1 "['localAddress'].startswith('192.168.1.')" || fail "the router's lease is not used"
path mag 1 "['encapsulation'].startswith('udp')" || fail "nothing but UDP passes a translator"
path lma 1 "['remoteAddress'] == '198.18.1.1'" || fail "the anchor does not see the router's public address"
path mag 2 "['localAddress'].startswith('2001:db8:')" || fail "LTE is not numbered by its network"
make_file a 8
download ipv6 a
upload ipv6 a
for number in 1 2; do
    path mag $number "['received']['packets'] > 500" || fail "path $number carried next to nothing"
done

# Idle for longer than a mapping lives: what comes from outside finds its way over both.
host6=$(host_ipv6 host)
sleep 6
in_ns server ping -6 -q -c 4 -i 0.2 -W 1 "$host6" >/dev/null || fail "after six seconds idle the site is not reached"
both_up lma || fail "a path was lost while idle"

# The router restarts in mid-transfer: nothing passes for five seconds, and then it knows nothing of before and has another
# public address. The link to it stays up all the while.
make_file b 24
download ipv6 b >"$work/speed" &
transfer=$!
within 30 "the download runs" path mag 1 "['received']['octets'] > 1000000"
"$PLAIT" lab link wan1 outage=on
within 20 "the gateway leaves the dead line" path mag 1 "['condition'] == 'silent'"
"$PLAIT" lab rebind wan1 --address 198.18.1.9
sleep 5
"$PLAIT" lab link wan1 outage=off
back=$(now_ms)
within 30 "the anchor follows to the new public address" path lma 1 "['remoteAddress'] == '198.18.1.9'"
within 30 "both paths are up at the gateway" both_up mag
within 30 "both paths are up at the anchor" both_up lma
echo "measured: both paths up $(($(now_ms) - back)) ms after the router is back"
wait "$transfer" || fail "the download broke"
cat "$work/speed"
[ "$(host_ipv6 host)" = "$host6" ] || fail "the site was renumbered"
query lma bindings "sorted(d[0]['bindingIdentifiers']) == [1, 2]" || fail "a registration was lost"
download ipv4 a
