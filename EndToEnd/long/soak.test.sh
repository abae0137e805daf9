#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Both daemons for a long time (SOAK seconds, half an hour if nothing is said) while their lines fail and return and
# files are fetched through them: every octet arrives, and the daemons grow neither in memory nor in descriptors.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/../library.sh"

SOAK=${SOAK:-1800}
LIFETIME=20s # many renewals
growth_limit=4096 # KiB of resident memory, from the second quarter to the last one
lines="rate=60mbit,delay=8ms"

# observe SECOND: what both daemons hold.
observe() {
    local name pid
    for name in lma mag; do
        pid=$lma_pid
        [ "$name" = mag ] && pid=$mag_pid
        printf '%s %s %s %s %s\n' "$name" "$1" "$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")" \
            "$(find "/proc/$pid/fd" -mindepth 1 | wc -l)" "$(awk '/^Threads/ { print $2 }' "/proc/$pid/status")"
    done >>"$work/observations"
}

# disturb ROUND: begins a fault of the round's kind on the round's line.
disturb() {
    line=wan$(($1 % 2 + 1))
    case $(($1 % 5)) in
        0) "$PLAIT" lab link "$line" outage=on ;;
        1) "$PLAIT" lab link "$line" carrier=off ;;
        2) "$PLAIT" lab link "$line" loss=2% reordering=on jitter=5ms ;;
        3) "$PLAIT" lab link "$line" --direction down outage=on ;;
        *) in_ns mag ip link set "$line" down ;;
    esac
}

relieve() {
    case $(($1 % 5)) in
        0 | 3) "$PLAIT" lab link "$line" outage=off ;;
        1) "$PLAIT" lab link "$line" carrier=on ;;
        2) "$PLAIT" lab link "$line" loss=0% reordering=off jitter=0ms ;;
        *)
            # The kernel takes a link's IPv6 address and routes with it: as the access network gives them again.
            in_ns mag ip link set "$line" up
            give_address ;;
    esac
}

give_address() {
    local network=2001:db8:a:: ipv4=198.51.100. metric=100
    [ "$line" = wan2 ] && network=2001:db8:b:: ipv4=203.0.113. metric=200
    in_ns mag ip addr replace "${network}2/64" dev "$line" nodad
    in_ns mag ip -6 route replace default via "${network}1" dev "$line" metric "$metric"
    in_ns mag ip route replace default via "${ipv4}1" dev "$line" metric "$metric"
}

# harmless DAEMON: counters which nothing here explains but a fault of ours.
harmless() {
    local name
    for name in arena_exhausted tun_errors packets_dropped_malformed packets_dropped_spoofed_source \
        packets_dropped_foreign_destination packets_dropped_unknown_protocol packets_dropped_bad_probe; do
        [ "$(counter "$1" "$name")" = 0 ] || fail "$1 counts $(counter "$1" "$name") $name"
    done
}

lab_up --wan1 "$lines" --wan2 "$lines"
configure
start_all
make_file a 12
end_at=$(($(date +%s) + SOAK))
started=$(date +%s)
round=0
while [ "$(date +%s)" -lt "$end_at" ]; do
    family=ipv4
    [ $((round % 2)) = 0 ] && family=ipv6
    download "$family" a >"$work/speed" &
    transfer=$!
    sleep 1
    disturb "$round"
    sleep 2
    relieve "$round"
    wait "$transfer" || fail "the download of round $round broke ($line)"
    within 30 "both paths are up after round $round ($line)" both_up mag
    within 30 "both paths are up at the anchor after round $round ($line)" both_up lma
    observe $(($(date +%s) - started))
    round=$((round + 1))
done
harmless lma
harmless mag
cat "$work/speed"
python3 - "$work/observations" "$growth_limit" "$round" <<'PYTHON'
import sys
path, limit, rounds = sys.argv[1], int(sys.argv[2]), sys.argv[3]
print(f"measured: {rounds} downloads, each with a fault, all as they were served")
failed = False
for name in ("lma", "mag"):
    seen = [tuple(map(int, line.split()[1:])) for line in open(path) if line.startswith(name)]
    # The first quarter fills tables; and a single observation may meet a passing need.
    size = max(1, len(seen) // 4)
    quarters = [seen[start : start + size] for start in range(0, len(seen) - size + 1, size)][:4]
    columns = ([min(row[column] for row in quarter) for quarter in quarters] for column in (1, 2, 3))
    memory, descriptors, threads = columns
    print(f"measured: {name}, by quarters of {seen[-1][0]} s: {memory} KiB resident, {descriptors} descriptors,"
          f" {threads} threads")
    first = min(1, len(quarters) - 1)
    if memory[-1] - memory[first] > limit or descriptors[-1] > descriptors[first] or threads[-1] > threads[first]:
        print(f"FAILED: {name} grows", file=sys.stderr)
        failed = True
sys.exit(failed)
PYTHON
