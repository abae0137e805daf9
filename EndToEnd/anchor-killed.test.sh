#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An anchor that is killed in the middle of a download comes back with its bindings: the download goes on and is what was
# served, the same prefixes are there, and no gateway registers anew.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

# What the goal is, and ten times that: a busy machine is no failure.
GOAL=2000

prefixes() { query "$1" bindings "sorted(p for b in d for p in b['homeNetworkPrefixes'] + b['delegatedPrefixes'])"; }
# Refreshes are none.
registrations() { grep -c ' registered from ' "$work/mag.log"; }
# Both lines carry the download.
both_carry() { [ "$(octets lma 1 sent)" -gt 200000 ] && [ "$(octets lma 2 sent)" -gt 200000 ]; }
received() { stat -c %s "$work/big.got" 2>/dev/null || echo 0; }
grew() { [ "$(received)" -gt "$1" ]; }
restored() { grep -q "restored 1 sessions with 2 paths" "$work/lma.log"; }

lab_up --wan1 rate=20mbit,delay=10ms --wan2 rate=20mbit,delay=10ms
configure
start_all
make_file big 24
prefixes lma >"$work/prefixes"
[ "$(registrations)" = 2 ] || fail "$(registrations) registrations instead of 2"

download ipv4 big &
download_pid=$!
within 30 "both paths carry the download" both_carry
kill -KILL "$lma_pid"
killed=$(now_ms)
wait "$lma_pid" 2>/dev/null || true
ip netns exec plait-lma "$PLAIT" lma run --config "$work/lma.yaml" >>"$work/lma.log" 2>&1 &
lma_pid=$!
# What was on its way when the anchor died still arrives, so that only growth from here on is the new one's work.
within 40 "the anchor has its bindings back" restored
had=$(received)
within 40 "the download goes on" grew "$((had + 100000))"
gap=$(($(now_ms) - killed))
echo "measured: the download stood still for $gap ms after the kill (goal: $GOAL ms)"
[ "$gap" -le $((10 * GOAL)) ] || fail "the gap is $gap ms"
wait "$download_pid" || fail "the download broke"

within 30 "both paths are up at the anchor" both_up lma
within 30 "both paths are up at the gateway" both_up mag
prefixes lma | diff "$work/prefixes" - || fail "the prefixes are others"
[ "$(registrations)" = 2 ] || fail "the gateway registered anew: $(registrations) registrations instead of 2"

# An orderly stop keeps them as well.
stop lma
start_lma
within 30 "both paths are up again" both_up lma
prefixes lma | diff "$work/prefixes" - || fail "the prefixes are others after a stop"
[ "$(registrations)" = 2 ] || fail "the gateway registered anew after a stop"
grep -q 'has lost its state' "$work/mag.log" && fail "the gateway was told of a restart"
make_file small 1
download ipv6 small
