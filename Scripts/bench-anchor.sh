#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Registrations through sockets with a running anchor, in a network of its own; prints Markdown tables.
#
#   Scripts/bench-anchor.sh [ROUNDS]                5 rounds, with 100,000 bindings
#   Scripts/bench-anchor.sh growth [MOST-BINDINGS]  from a thousand bindings to a million
#
# Gateways and anchor are addresses of one loopback device. Needs root. The store is where temporary files are (TMPDIR):
# on a disk, if its figures are to tell anything.
set -euo pipefail
cd "$(dirname "$0")/.."
PLAIT=${PLAIT:-$PWD/.build/release/plait}
BENCH=${BENCH:-$PWD/.build/release/Bench}
work=$(mktemp -d)

cleanup() {
    local status=$?
    set +e
    # A daemon that was left behind is the only other process in there.
    ip netns pids bench-anchor 2>/dev/null | xargs -r kill -KILL
    ip netns del bench-anchor 2>/dev/null
    if [ "$status" != 0 ]; then tail -n 20 "$work/lma.log" >&2; fi
    rm -rf "$work"
    exit "$status"
}
trap cleanup EXIT

ip netns del bench-anchor 2>/dev/null || true
ip netns add bench-anchor
ip -n bench-anchor link set lo up
ip -n bench-anchor addr add 198.51.100.1/32 dev lo
for number in $(seq 32); do ip -n bench-anchor addr add "192.0.2.$number/32" dev lo; done
if [ "${1:-}" = growth ]; then
    ip netns exec bench-anchor "$BENCH" growth "$PLAIT" "$work" "${2:-1000000}"
else
    ip netns exec bench-anchor "$BENCH" daemon "$PLAIT" "$work" "${1:-5}"
fi
