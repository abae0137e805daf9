#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Address translators on the way: at the gateway's lines (mappings live two seconds, both lines have the same private
# subnet and the gateway the same address in both), whose mappings and public addresses change; and 1:1 before the anchor.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

FAMILY1=ipv4 FAMILY2=ipv4
LMA_MORE='  nat-refresh: 1s'
MAG_MORE='  firewall: { inbound: allow }'
remote_is() { query lma paths "[p for p in d if p['bindingIdentifier'] == $1][0]['remoteAddress'] == '$2'"; }

lab_up --nat wan1,wan2 --same-subnet --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
configure
start_all
query mag paths "all(p['localAddress'] == '192.168.1.2' for p in d)" || fail "not both paths have the same private address"
for number in 1 2; do remote_is $number 198.18.$number.1 || fail "the anchor does not see path $number's public address"; done
make_file a 4
download ipv6 a
download ipv4 a
upload ipv6 a

# Longer idle than any mapping would live: the first packet from outside arrives.
host6=$(host_ipv6 host)
sleep 10
in_ns server ping -6 -q -c 3 -i 0.2 -W 1 "$host6" >/dev/null || fail "after 10 s idle the site is not reached over IPv6"
in_ns server ping -4 -q -c 3 -i 0.2 -W 1 10.20.0.2 >/dev/null || fail "after 10 s idle the site is not reached over IPv4"

# The translator forgets its mappings in mid-transfer: other ports.
make_file b 16
download ipv6 b >"$work/speed" &
transfer=$!
within 30 "the download runs" query mag paths "min(p['received']['octets'] for p in d) > 500000"
rebound=$(now_ms)
"$PLAIT" lab rebind wan1
within 20 "both paths are up at the gateway after other ports" both_up mag
within 20 "both paths are up at the anchor after other ports" both_up lma
"$PLAIT" lab rebind wan2 --address 198.18.2.9
within 30 "the anchor follows to the new public address" remote_is 2 198.18.2.9
echo "measured: both translators changed within $(($(now_ms) - rebound)) ms of the first change, and were followed"
wait "$transfer" || fail "the download broke"
cat "$work/speed"
# Both at once, idle: nothing is left by which the anchor could reach the gateway.
"$PLAIT" lab rebind wan1 --address 198.18.1.9
"$PLAIT" lab rebind wan2
rebound=$(now_ms)
within 30 "the anchor follows both" remote_is 1 198.18.1.9
within 30 "both paths are up at the gateway" both_up mag
within 30 "both paths are up at the anchor" both_up lma
echo "measured: both translators changed at once: both paths up after $(($(now_ms) - rebound)) ms"
in_ns server ping -6 -q -c 3 -i 0.2 -W 1 "$host6" >/dev/null || fail "the site is not reached after the change"
query lma bindings "sorted(d[0]['bindingIdentifiers']) == [1, 2]" || fail "a registration was lost"
[ "$(host_ipv6 host)" = "$host6" ] || fail "the site was renumbered"
grep -E ' removed: |session ended' "$work/lma.log" && fail "the anchor forgot something on the way"
stop mag
stop lma
end "$server_pid"; server_pid=''

# The anchor behind a 1:1 translator, the gateway behind another on one of its lines.
LMA_IPV4=10.99.0.1
lab_up --anchor-nat --nat wan1 --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
configure
start_all
query lma paths "all(p['localAddress'] == '10.99.0.1' for p in d)" || fail "the anchor's address is not its own"
download ipv6 a
download ipv4 a
