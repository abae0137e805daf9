#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A stream with a guaranteed rate goes through lines that bulk fills, without loss and without waiting behind it; without
# the guarantee it does not. A class with a maximum rate gets no more than that.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"
watchers=()

# The lines can do a little more than is configured, so that what waits, waits at the gateway.
lab_up --wan1 rate=11mbit,delay=15ms --wan2 rate=11mbit,delay=10ms
configure
sed -i 's/uplink-rate: 20mbit/uplink-rate: 10mbit/' "$work/mag.yaml"
sed -i 's/rates: { 11: 20mbit, 9: 20mbit }/rates: { 11: 10mbit, 9: 10mbit }/' "$work/lma.yaml"
start_all
cat >"$work/guarantee.yaml" <<'YAML'
policy:
  - { name: stream, match: { protocol: udp, remote-port: 5004 }, pin: [9, 11], guaranteed-rate: 2500kbit }
  - { name: capped, match: { protocol: udp, remote-port: 5005 }, pin: [9, 11], maximum-rate: 3mbit }
  - { name: bulk, pin: [9, 11] }
YAML
printf 'policy:\n  - { name: bulk, pin: [9, 11] }\n' >"$work/bulk.yaml"
set_policy() { "$PLAIT" set policy "$work/$1.yaml" --socket "$work/mag.sock" >/dev/null; }
# stream PORT MBIT SECONDS: sets sent, lost, and by how much the median and the 99th percentile are late, in ms.
stream() {
    read -r sent lost median late < <(python3 "$(dirname "$0")/stream.py" plait-host plait-server 192.0.3.80 "$1" 500 "$2" "$3")
    echo "measured: $sent packets at $2 Mbit/s, $lost lost; $median ms late in the median, $late ms the 99th of a hundred"
}

# fill SECONDS: bulk that does not give way, twice what the line has, over the path that the stream goes over. In eight flows: one
# alone would only delay itself.
fill() {
    for flow in {0..7}; do
        python3 "$(dirname "$0")/stream.py" plait-host plait-server 192.0.3.80 "600$flow" 1300 2.5 "$1" &
        watchers+=($!)
    done >"$work/fill"
}

set_policy bulk
fill 5
sleep 1
stream 5004 2 2.5
wait "${watchers[@]}"
[ "$lost" -gt 0 ] || fail "the lines were not full: nothing to be guaranteed"

set_policy guarantee
fill 6
sleep 1
stream 5004 2 3.5
wait "${watchers[@]}"
echo "measured: of the bulk beside it (sent, lost): $(awk '{ sent += $1; lost += $2 } END { print sent, lost }' "$work/fill")"
# None is lost but by a machine that is too busy to send evenly; QueueTests asserts it in virtual time.
[ $((lost * 20)) -le "$sent" ] || fail "$lost packets of the guaranteed stream were lost"
[ "$late" -le 300 ] || fail "the guaranteed stream was $late ms late"

stream 5005 8 3
got=$(((sent - lost) * 528 * 8 / 3 / 1000))
echo "measured: the capped class got $got kbit/s of 3000"
if [ "$got" -gt 3600 ] || [ "$got" -lt 2000 ]; then fail "the capped class got $got kbit/s"; fi
query mag policy "[r['droppedPackets'] for r in d if r['rule'] == 'capped'][0] > 0" || fail "its drops are not counted"
