#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One TCP connection under an overflow rule: the second line carries next to nothing while the first has room, and both are full
# when one is not enough.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

MODE=automatic
POLICY='  policy:
    - { name: cheap-first, overflow: [9, 11] }'
LMA_MORE=$POLICY MAG_MORE=$POLICY
RATE=20                  # Mbit/s of each line, as configured
watchers=()

# transfer SECONDS ARGUMENTS…: up; prints Mbit/s as received.
transfer() {
    in_ns host iperf3 -c 192.0.3.80 -t "$1" -C cubic -J "${@:2}" >"$work/transfer" || fail "the transfer broke"
    python3 -c 'import json, sys; print(round(json.load(sys.stdin)["end"]["sum_received"]["bits_per_second"] / 1e6, 1))' \
        <"$work/transfer"
}

lab_up --wan1 rate=${RATE}mbit,delay=15ms --wan2 rate=${RATE}mbit,delay=10ms
configure
start_all
ip netns exec plait-server iperf3 -s >"$work/iperf3.log" 2>&1 &
watchers+=($!)
within 15 "iperf3 listens" eval 'in_ns server ss -ltn | shows ":5201 "'

# Label 9 is WAN 2.
first=$(octets mag 2 sent) second=$(octets mag 1 sent)
speed=$(transfer 4 -b 12M)
first=$(($(octets mag 2 sent) - first)) second=$(($(octets mag 1 sent) - second))
echo "measured: $speed Mbit/s below the first line's rate; octets over the first line $first, over the second $second"
[ "$first" -gt 3000000 ] || fail "the first line carried next to nothing"
[ $((second * 50)) -lt "$first" ] || fail "the second line carried 2 % or more while the first had room"

first=$(octets mag 2 sent) second=$(octets mag 1 sent)
speed=$(transfer 6)
first=$(($(octets mag 2 sent) - first)) second=$(($(octets mag 1 sent) - second))
echo "measured: $speed Mbit/s of 2 x $RATE; octets over the first line $first, over the second $second"
# How fast that is, a busy machine decides, and the simulator asserts (PolicySimulationTests): here that the second line takes its part.
[ $((second * 10)) -gt "$first" ] || fail "the second line carried too little while the first was full"
