#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The anchor's disk fills up: who is served is served on, nobody new is told of a session that a restart would not keep, and
# when there is room again all is well without anybody's help. On a read-only disk it does not begin, and says why.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

disk=$work/disk
mkdir "$disk"
mount -t tmpfs -o size=8m plait "$disk"
trap 'status=$?; umount --lazy "$disk"; (exit $status); cleanup' EXIT
STORE=$disk/lma.sqlite

lab_up --sites 2 --wan1 delay=3ms --wan2 delay=3ms
configure
start_all
make_file a 2
cat /dev/zero >"$disk/rest" 2>/dev/null && fail "the disk has no end"
start_mag2
within 10 "the anchor says that it cannot store" grep -q 'error.*bindings cannot be stored' "$work/lma.log"
withheld() { query lma counters "[c['value'] for c in d if c['name'] == 'signalling_withheld'][0] > 1"; }
within 10 "the newcomer's repetition is not answered either" withheld
query mag2 paths "all(p['registration'] != 'registered' for p in d)" || fail "the newcomer was told of a session"
both_up mag || fail "the first site lost a path"
download ipv6 a
download ipv4 a

rm "$disk/rest"
within 5 "the anchor stores again" grep -q 'bindings are stored again' "$work/lma.log"
within 20 "both paths of the newcomer are up" both_up mag2
kill -KILL "$lma_pid"
wait "$lma_pid" 2>/dev/null || true
start_lma
grep -q 'restored 2 sessions with 4 paths' "$work/lma.log" || fail "the anchor came back without the two sessions"
within 10 "both paths of the first site are up" both_up mag
within 10 "both paths of the newcomer are up" both_up mag2
download ipv6 a

stop lma
mount -o remount,ro "$disk"
if in_ns lma "$PLAIT" lma run --config "$work/lma.yaml" >"$work/read-only.log" 2>&1; then fail "an anchor began that cannot store"; fi
grep -q 'lma.store: ' "$work/read-only.log" || fail "it does not say why: $(cat "$work/read-only.log")"
mount -o remount,rw "$disk"
start_lma
within 10 "both paths of the first site are up" both_up mag
echo "disk full: all as it should be"
