#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A WAN whose carrier goes is taken out at once at both ends and registered again when it is back; so is one that gets
# another address.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

lab_up --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
configure
start_all
make_file a 16
download ipv6 a >"$work/speed" &
transfer=$!
within 30 "the download runs" query mag paths "min(p['received']['octets'] for p in d) > 500000"
"$PLAIT" lab link wan1 carrier=off
within 20 "the gateway has taken the path out" query mag paths "[p for p in d if p['bindingIdentifier'] == 1][0]['condition'] == 'down'"
# The anchor hears it over the other leg: de-registration with the dead care-of address.
within 20 "the anchor has taken the path out" query lma paths "not [p for p in d if p['bindingIdentifier'] == 1 and p['registration'] == 'active']"
wait "$transfer" || fail "the download broke"
cat "$work/speed"

"$PLAIT" lab link wan1 carrier=on
within 40 "the path is registered again" both_up mag
within 40 "the path is registered again at the anchor" both_up lma

# Another address on the link: the same binding moves to it.
in_ns mag ip addr del 203.0.113.2/24 dev wan2
in_ns mag ip addr add 203.0.113.7/24 dev wan2
in_ns mag ip route replace default via 203.0.113.1 dev wan2 metric 1024
within 40 "the path has the new address" query lma paths "[p for p in d if p['bindingIdentifier'] == 2][0]['remoteAddress'] == '203.0.113.7'"
within 30 "both paths are up" both_up mag
download ipv4 a
