#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A gateway with the wrong key gets nothing: no binding, no route.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

lab_up --wan1 rate=20mbit --wan2 rate=20mbit
MAG_KEY=ffffffffffffffffffffffffffffffff
configure
start_lma
routes() { in_ns lma ip -6 route show proto 213; in_ns lma ip route show proto 213; }
before=$(routes)
start_mag
within 30 "the anchor has refused it" query lma counters "sum(c['value'] for c in d if c['name'] == 'registrations_refused_146') >= 1"
query lma bindings "len(d) == 0" || fail "a forged registration made a binding"
[ "$(routes)" = "$before" ] || fail "a forged registration made a route"
query mag bindings "all(b['state'] != 'active' for b in d)" || fail "the gateway believes in a binding"

# With the right key the same gateway is served.
end "$mag_pid"; mag_pid=''
MAG_KEY=$LMA_KEY
configure
start_mag
within 40 "the gateway is served" both_up mag
