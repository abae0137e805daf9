#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A metered line whose quota is used up carries nothing while the other one can, in either direction, and a transfer goes on
# over that. The gateway remembers, even if it is killed; with a new period the line is back.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

lab_up --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
# Label 11 is preferred, and has the quota.
RULES='  policy:
    - { name: cheap, pin: [11, 9] }'
LMA_MORE=$RULES MAG_MORE=$RULES
WAN1='interface: wan1, cost: 1, quota: { octets: 6mb }'
configure
start_all
quota_left() { query mag paths "[p for p in d if p['bindingIdentifier'] == 1][0].get('quotaLeftOctets', -1) $1"; }
within 10 "the quota is shown" quota_left '> 0'
"$PLAIT" show paths --socket "$work/mag.sock"

# carried: octets of downloads and uploads by both lines, as the gateway counts.
carried() { echo "$(octets mag 1 received) $(octets mag 1 sent) $(octets mag 2 received) $(octets mag 2 sent)"; }
# moves LINE OTHER: a transfer in both directions goes by the one line.
moves() {
    local before after
    read -ra before <<<"$(carried)"
    download ipv4 small
    upload ipv6 small
    read -ra after <<<"$(carried)"
    local by1=$((after[0] - before[0] < after[1] - before[1] ? after[0] - before[0] : after[1] - before[1]))
    local by2=$((after[2] - before[2] < after[3] - before[3] ? after[2] - before[2] : after[3] - before[3]))
    local most1=$((after[0] - before[0] > after[1] - before[1] ? after[0] - before[0] : after[1] - before[1]))
    local most2=$((after[2] - before[2] > after[3] - before[3] ? after[2] - before[2] : after[3] - before[3]))
    if [ "$1" = 1 ]; then [ $by1 -gt 1000000 ] && [ $most2 -lt 200000 ]; else [ $by2 -gt 1000000 ] && [ $most1 -lt 200000 ]; fi ||
        fail "line $1 was to carry it: ${before[*]} became ${after[*]}"
}

make_file small 1
make_file big 8
moves 1
# In the middle of this one the quota ends.
download ipv6 big
within 10 "the quota is used up" quota_left '== 0'
within 10 "the anchor knows" query lma paths "[p for p in d if p['bindingIdentifier'] == 1][0].get('quotaLeftOctets', -1) == 0"
grep -q 'wan1: the quota of 6000000 octets is used up' "$work/mag.log" || fail "the gateway does not say that the quota is used up"
"$PLAIT" show paths --socket "$work/mag.sock"
moves 2

kill -KILL "$mag_pid"
wait "$mag_pid" || true
start_mag
within 40 "both paths are up again" both_up mag
within 10 "the gateway remembers" quota_left '== 0'
within 10 "the anchor hears it again" query lma paths "[p for p in d if p['bindingIdentifier'] == 1][0].get('quotaLeftOctets', -1) == 0"
within 30 "the host reaches the server" in_ns host ping -4 -c 1 -W 1 192.0.3.80
moves 2

# A period that is over, as the file has it.
stop mag
python3 - "$work/mag.sqlite.quota" <<'PY'
import json, sys
with open(sys.argv[1]) as file: lines = json.load(file)
(line,) = [line for line in lines if line["name"] == "wan1"]
assert sum(line["periods"].values()) >= 6000000, line
line["periods"] = {"2026-01-01": sum(line["periods"].values())}
with open(sys.argv[1], "w") as file: json.dump(lines, file)
PY
start_mag
within 40 "both paths are up again" both_up mag
within 10 "the quota begins anew" quota_left '> 4000000'
within 30 "the host reaches the server" in_ns host ping -4 -c 1 -W 1 192.0.3.80
moves 1
stop mag
stop lma
