#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A call under a duplicate rule, over a clean line and one that loses every tenth packet: nothing is lost in either direction, and
# nothing comes twice. The clean line may be either of the two.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

MODE=per-packet
POLICY='  policy:
    - { name: calls, match: { protocol: udp, remote-port: 5004 }, duplicate: any }'
LMA_MORE=$POLICY MAG_MORE=$POLICY

lab_up --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
configure
start_all
for lossy in wan1 wan2; do
    "$PLAIT" lab link $lossy loss=10%
    before=$(counter mag packets_copies)
    python3 "$(dirname "$0")/voice.py" plait-host plait-server 2001:db8:ffff::80 5 2 0 || fail "the call was not whole"
    after=$(counter mag packets_copies)
    echo "measured: $((after - before)) copies dropped behind the first, $lossy with 10 % loss"
    # 250 packets came down, and nine tenths of their copies.
    [ $((after - before)) -gt 100 ] || fail "the packets were not sent over both lines"
    "$PLAIT" lab link $lossy loss=0%
done
