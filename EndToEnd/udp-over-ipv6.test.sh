#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An IPv6 line that drops GRE and the mobility header gets UDP over IPv6 by itself; the other line is as always.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

FAMILY2=ipv6
encapsulation_is() { query "$1" paths "[p for p in d if p['bindingIdentifier'] == $2][0]['encapsulation'] == '$3'"; }

lab_up --block wan1 --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
configure
start_lma
started=$(now_ms)
start_mag
within 30 "the free line is up" path_is mag 2 up
within 60 "the other is up by UDP" both_up mag
within 30 "the other is up at the anchor" both_up lma
echo "measured: the line that drops GRE is up after $(($(now_ms) - started)) ms"
for daemon in mag lma; do
    encapsulation_is $daemon 1 udp-tlv-gre-ipv6 || fail "path 1 is not UDP over IPv6 at $daemon"
    encapsulation_is $daemon 2 gre-ipv6 || fail "path 2 is not GRE at $daemon"
done
number_host
start_server
make_file a 8
before=$(octets mag 1 received)
download ipv6 a
download ipv4 a
upload ipv4 a
[ $(($(octets mag 1 received) - before)) -gt 4000000 ] || fail "the line with UDP over IPv6 carried little"
# What else is lost on that line shows as on any other.
"$PLAIT" lab link wan1 outage=on
within 30 "the outage is noticed" path_is mag 1 silent
"$PLAIT" lab link wan1 outage=off
within 40 "the path comes back" both_up mag
