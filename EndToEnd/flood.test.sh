#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# F12: an anchor under floods of what proves nothing goes on renewing bindings, and does not grow.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"
SECONDS_EACH=3
flood="$(dirname "$0")/flood.py"

# A gateway that refreshes every few seconds, and one that refreshes fifty times a second.
LIFETIME=8s
lab_up --wan1 rate=20mbit --wan2 rate=20mbit
configure
start_lma
start_mag
within 15 "both paths are up at the anchor" both_up lma

resident() { awk '/^VmRSS/ { print $2 }' "/proc/$lma_pid/status"; }
renewals() {
    python3 "$flood" renew plait-server 192.0.2.1 "$1" 50 cpe2@example.net mag2@example.net 257 "$LMA_KEY"
}

read -r sent accepted < <(renewals 2)
[ "$accepted" = "$sent" ] || fail "without a flood $accepted of $sent renewals are accepted"
before=$(resident)
sent=0 accepted=0
for kind in random unsigned wrong-key unknown-index heartbeat; do
    python3 "$flood" forge plait-server 192.0.2.1 "$SECONDS_EACH" "$kind" >"$work/rate" &
    forger=$!
    sleep 0.3
    read -r these those < <(renewals 2)
    wait "$forger"
    echo "measured: $kind at $(cat "$work/rate")/s: $those of $these renewals accepted, $(resident) kB resident"
    sent=$((sent + these)) accepted=$((accepted + those))
done
# The goal is less than one in a hundred; on a machine that is busy with other things it may be ten times that.
echo "measured: $((sent - accepted)) of $sent renewals lost"
[ $((10 * (sent - accepted))) -lt "$sent" ] || fail "$((sent - accepted)) of $sent renewals were lost"
[ $(($(resident) - before)) -lt 8192 ] || fail "the anchor grew from $before to $(resident) kB"
both_up mag || fail "the gateway has lost a path"
both_up lma || fail "the anchor has lost a path"
