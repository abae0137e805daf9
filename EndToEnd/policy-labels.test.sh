#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# RFC 8278's example: what shall go over label 9, or else over label 11. A download stays on its line in both directions,
# moves when the line dies, and returns when it is back; other traffic goes its own way.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"
watchers=()

SERVER='[2001:db8:ffff::80]'
# Label 9 is wan2, BID 2; label 11 is wan1, BID 1. Only the gateway says so: the anchor hears it.
MAG_MORE='  policy:
    - { name: web, match: { protocol: tcp, remote-port: 80 }, pin: [9, 11] }
    - { name: pings, match: { protocol: icmp }, pin: 11 }'
lab_up --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
configure
start_all
agreed() { query mag policy "[r['state'] for r in d if r['owner'] == 'site'] == ['agreed', 'agreed']"; }
within 20 "the anchor has agreed to both rules" agreed
within 20 "the anchor shows them" query lma policy "[r['rule'] for r in d] == ['web', 'pings'] and d[0]['source'] == 'peer'"

# carried DAEMON BID: octets of users' packets in both directions.
carried() { echo $(($(octets "$1" "$2" sent) + $(octets "$1" "$2" received))); }

make_file a 8
make_file long 60
other=$(carried mag 1)
download ipv6 a
download ipv4 a
[ "$(octets mag 2 received)" -gt 16000000 ] || fail "label 9 carried $(octets mag 2 received) octets only"
other=$(($(carried mag 1) - other))
echo "measured: label 11 carried $other octets of two downloads of 8 MB"
[ "$other" -lt 200000 ] || fail "label 11 carried $other octets meanwhile"

pings() { in_ns host ping -6 -c 20 -i 0.05 -W 2 -s 1000 2001:db8:ffff::80 >/dev/null; }
before=$(octets lma 1 sent)
pings || fail "the server does not answer"
[ $(($(octets lma 1 sent) - before)) -gt 20000 ] || fail "pings do not come back over label 11"

# explain DAEMON EXPRESSION: of a packet of the web rule
explain() {
    "$PLAIT" explain "tcp [$(host_ipv6 host)]:40000 > $SERVER:80" --json --socket "$work/$1.sock" |
        python3 -c "import json, sys; d = json.load(sys.stdin); r = ($2); print(d); sys.exit(0 if r else 1)"
}
first='(d["rule"], d["owner"], d["bindingIdentifier"], d["label"], d["reason"]) == ("web", "site", 2, 9, "the rule'"'"'s first choice")'
explain mag "$first" || fail "explain says otherwise at the gateway"
explain lma "$first" || fail "explain says otherwise at the anchor"
"$PLAIT" explain tcp "[$(host_ipv6 host)]:40000" "$SERVER:80" --socket "$work/mag.sock" | shows 'BID 2, label 9, wan2' ||
    fail "explain does not name the line"

# on DAEMON BID: whether the newest packets of the download go over the path.
on() { query "$1" flows "[f for f in d if f['rule'] == 'web' and f['bindingIdentifier'] == $2 and f['idleSeconds'] < 2 and ':80' in f['tuple']]"; }
in_ns host curl -sSg --limit-rate 800K -o "$work/long.got" "http://$SERVER/long" &
transfer=$!
within 20 "the download goes over label 9" on lma 2
within 20 "its acknowledgements do" on mag 2
"$PLAIT" lab link wan2 outage=on
started=$(now_ms)
within 20 "the download has moved to label 11" on lma 1
within 20 "its acknowledgements have" on mag 1
echo "measured: on label 11 $(($(now_ms) - started)) ms after label 9's line died"
explain mag 'd["bindingIdentifier"] == 1 and "not there" in d["reason"]' || fail "explain does not know why"
"$PLAIT" lab link wan2 outage=off
started=$(now_ms)
within 40 "both paths are up" both_up mag
within 40 "the download is back on label 9" on lma 2
within 20 "its acknowledgements are" on mag 2
echo "measured: back on label 9 $(($(now_ms) - started)) ms after its line was (goal 5000)"
explain lma "$first" || fail "explain says otherwise in the end"
kill -0 "$transfer" || fail "the download broke, or was too short"
kill "$transfer"
wait "$transfer" || true
got=$(stat -c %s "$work/long.got")
[ "$got" -gt 500000 ] || fail "only $got octets were downloaded"
cmp -n "$got" "$work/www/long" "$work/long.got" || fail "what was downloaded differs from what was served"
