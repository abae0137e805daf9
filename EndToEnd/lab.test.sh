#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The lab by its commands: it comes up, its links do what they are told while they run, and nothing stays behind.
# Needs root. PLAIT names the executable; the release build's is taken otherwise.
set -euo pipefail
# shellcheck source=EndToEnd/polling.sh
. "$(dirname "$0")/polling.sh"

plait=${PLAIT:-$(dirname "$0")/../.build/release/plait}

# The median round trip in whole milliseconds from the gateway to an address, through one interface.
round_trip() {
    "$plait" lab exec mag -- ping -n -c 15 -i 0.05 -I "$1" "$2" |
        sed -n 's/.*time=\([0-9]*\).*/\1/p' | sort -n | sed -n 8p
}

# delays INTERFACE ADDRESS LEAST MOST: whether the median round trip lies between. A busy machine measures too much now and
# then, but not each time.
delays() {
    local median
    median=$(round_trip "$1" "$2")
    [[ -n $median && $median -ge $3 && $median -le $4 ]]
}

"$plait" lab down
trap '"$plait" lab down' EXIT
before=$(ip -o link; ip route; ip -6 route | sed 's/expires.*//')

"$plait" lab up --wan1 rate=20mbit,delay=15ms --wan2 rate=30mbit,delay=10ms
"$plait" lab up 2>/dev/null && fail "a second lab was built over the first"
for address in 2001:db8:100::1 192.0.2.1; do
    within 30 "wan1 delays by 15 ms each way to $address" delays wan1 $address 30 36
    within 30 "wan2 delays by 10 ms each way to $address" delays wan2 $address 20 26
done
"$plait" lab exec lma -- ping -q -c 2 192.0.3.80 >/dev/null || fail "no way to the server"

"$plait" lab link wan1 delay=40ms
within 30 "wan1 takes its new delay" delays wan1 192.0.2.1 80 86
"$plait" lab link wan1 --direction down outage=on
"$plait" lab exec mag -- ping -q -c 2 -W 1 -I wan1 192.0.2.1 >/dev/null && fail "wan1 carries in spite of its outage"
"$plait" lab exec mag -- ping -q -c 2 -I wan2 192.0.2.1 >/dev/null || fail "the outage of wan1 stopped wan2"
"$plait" lab status | shows -E '^wan1 +down .*outage=on' || fail "the status does not show the outage"
"$plait" lab link wan1 outage=off carrier=off
has_no_carrier() { "$plait" lab exec mag -- ip -br link show "$1" | shows NO-CARRIER; }
within 20 "wan1 loses its carrier" has_no_carrier wan1
"$plait" lab link wan1 carrier=on
within 20 "wan1 comes back" "$plait" lab exec mag -- ping -q -c 1 -W 1 -I wan1 192.0.2.1

error=$("$plait" lab link wan1 rate=fast 2>&1) && fail "a wrong rate is taken"
grep -q "rate: 'fast'.*expected a rate" <<<"$error" || fail "a wrong rate is not explained: $error"
error=$("$plait" lab link wan7 rate=1mbit 2>&1) && fail "an unknown link is taken"
grep -q "wan7.*wan1 or wan2" <<<"$error" || fail "an unknown link is not explained: $error"

"$plait" lab down
"$plait" lab down || fail "down is not idempotent"
ip netns list | shows '^plait-' && fail "a namespace is left"
[[ -e /run/plait-lab ]] && fail "/run/plait-lab is left"
[[ $before == "$(ip -o link; ip route; ip -6 route | sed 's/expires.*//')" ]] || fail "links or routes of the machine changed"
echo "lab: all as it should be"
