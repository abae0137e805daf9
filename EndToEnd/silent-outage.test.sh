#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A WAN that swallows everything with its carrier up is taken out, and comes back by itself. The download goes on.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

# silence DAEMON WHEN GOAL: what the daemon says of the last silence; polling it from here would measure the polling.
silence() {
    local heard
    heard=$(sed -n 's/.*is silent: nothing heard for \([0-9]*\) ms.*/\1/p' "$work/$1.log" | tail -n 1)
    echo "measured: silence noticed after ${heard:-?} ms $2 (goal $3)"
    [ "${heard:-0}" -le $(($3 * 10)) ] || fail "silence was noticed after $heard ms only"
}

lab_up --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
configure
start_all

# Idle: goal 1 s.
"$PLAIT" lab link wan2 outage=on
within 30 "the silent path is noticed (idle)" path_is mag 2 silent
within 30 "the anchor notices, too" path_is lma 2 silent
silence mag "without traffic" 1000
"$PLAIT" lab link wan2 outage=off
started=$(now_ms)
within 30 "the path comes back" both_up mag
within 30 "the path comes back at the anchor" both_up lma
echo "measured: return noticed after $(($(now_ms) - started)) ms"

# One direction only: both ends notice.
"$PLAIT" lab link wan1 --direction down outage=on
within 30 "the gateway notices that nothing arrives" path_is mag 1 silent
within 30 "the anchor learns that nothing arrives" path_is lma 1 silent
"$PLAIT" lab link wan1 --direction down outage=off
within 30 "the path comes back" both_up mag
within 30 "the path comes back at the anchor" both_up lma

# Under traffic: goal 300 ms.
make_file a 24
download ipv4 a >"$work/speed" &
transfer=$!
within 30 "the download runs" query mag paths "min(p['received']['octets'] for p in d) > 500000"
"$PLAIT" lab link wan1 outage=on
within 20 "the silent path is noticed (traffic)" path_is mag 1 silent
silence mag "under traffic" 300
wait "$transfer" || fail "the download broke"
cat "$work/speed"
"$PLAIT" lab link wan1 outage=off
within 30 "the path comes back" both_up mag
