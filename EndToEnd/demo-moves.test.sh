#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The demo of a host that walks, and whether its time line shows what it is to show: the whole upload through one gateway, then
# through the other, then through the first again.
set -euo pipefail
cd "$(dirname "$0")/.."
PLAIT=${PLAIT:-$PWD/.build/release/plait}
story=$(mktemp)
trap 'rm -f "$story"' EXIT
"$PLAIT" lab walk | tee "$story"
python3 - "$story" <<'PY'
import re, sys
rate = r"gateway {} \S+ +([\d.]+) Mbit/s"
acts, waits = [[]], []
for line in open(sys.argv[1]):
    if "the cable is pulled out" in line:
        acts.append([])
    if found := re.search(r"(\d+) ms later the anchor has it at gateway (\d)", line):
        waits.append((int(found[2]), int(found[1])))
    if found := re.search(rate.format(1) + r" +" + rate.format(2), line):
        acts[-1].append((float(found[1]), float(found[2])))
    if found := re.search(r"between two pings' answers there were (\d+) ms", line):
        gap = int(found[1])
        print(f"measured: the longest gap {gap} ms, the anchor told after {', '.join(f'{wait} ms' for _, wait in waits)}")
        # Ten times the goal.
        assert gap < 10_000, gap
assert [gateway for gateway, _ in waits] == [2, 1], waits
assert len(acts) == 3 and all(len(act) > 3 for act in acts), acts
for act, (here, elsewhere) in zip(acts, ((0, 1), (1, 0), (0, 1))):
    # A move is somewhere between two lines.
    assert all(rates[elsewhere] == 0 for rates in act[1:]), act
    assert act[-1][here] > 1, act
story = open(sys.argv[1]).read()
assert "the upload is complete, over one and the same connection" in story
arrived = re.search(r"the host at gateway 1 has (\S+);", story)[1]
assert f"the host still has {arrived}" in story
PY
