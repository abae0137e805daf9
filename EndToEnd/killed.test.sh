#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A gateway that is killed leaves rules, routes, addresses and kernel settings behind; the next one puts everything back as
# it was. A second one with the same management socket does not start, and touches nothing.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

# Whatever a gateway may change in its network.
imprint() {
    in_ns mag ip -4 rule
    in_ns mag ip -6 rule
    in_ns mag ip -4 route show table all
    in_ns mag ip -6 route show table all
    in_ns mag ip address
    in_ns mag sh -c 'grep -r . /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf 2>/dev/null | grep -v stable_secret | sort'
}

lab_up --wan1 rate=20mbit,delay=5ms --wan2 rate=20mbit,delay=5ms
FAMILY1=ipv4
configure
# A strict filter refuses what comes by wan2, since the answer would leave by wan1; and wan2's router is known apart.
for i in all wan1 wan2; do in_ns mag sh -c "echo 1 >/proc/sys/net/ipv4/conf/$i/rp_filter"; done
in_ns mag ip route del default dev wan2
in_ns mag ip route add default via 203.0.113.1 dev wan2 table 100
start_lma
imprint >"$work/before"
start_mag
within 40 "both paths are up" both_up mag
"$PLAIT" show settings --socket "$work/mag.sock"
query mag settings "[(s['was'], s['isNow']) for s in d if s['setting'] == 'net/ipv4/conf/wan2/rp_filter'] == [('1', '2')]" ||
    fail "the changed setting is not shown"
imprint >"$work/running"

if ip netns exec plait-mag "$PLAIT" mag run --config "$work/mag.yaml" >"$work/second.log" 2>&1; then fail "a second one ran"; fi
grep -q "another daemon, process $mag_pid, runs with $work/mag.sock" "$work/second.log" || fail "it does not say why"
imprint | diff "$work/running" - || fail "the second one changed something"

kill -KILL "$mag_pid"
wait "$mag_pid" || true
if imprint | diff -q "$work/before" - >/dev/null; then fail "nothing was left: this test shows nothing"; fi
start_mag
within 40 "both paths are up again" both_up mag
grep -q "left by a daemon that was killed" "$work/mag.log" || fail "what was left is not logged"
end "$mag_pid"
imprint | diff "$work/before" - || fail "something was left"
[ ! -e "$work/mag.sock.settings" ] || fail "the journal was left"
