#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The policy changes twenty times in the middle of a call and a download: nothing is lost. Files that are wrong are refused
# with the line and the key, and change nothing.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"
watchers=()

lab_up --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
MAG_MORE='  policy:
    - { name: call, match: { protocol: udp }, pin: [9, 11] }'
configure
start_all
make_file a 200
set_policy() { "$PLAIT" set policy "$work/$2.yaml" --socket "$work/$1.sock"; }
names() { query mag policy "[r['rule'] for r in d if r['owner'] == 'site'] == $1"; }

printf 'policy:\n  - { name: call, match: { protocol: udp }, pin: 9 }\n' >"$work/nine.yaml"
printf 'policy:\n  - { name: call, match: { protocol: udp }, pin: 11 }\n  - { name: rest, bond: any }\n' >"$work/eleven.yaml"
printf 'policy:\n  - { name: rest, overflow: [11, 9] }\n  - { name: call, match: { dscp: 46 }, pin: 9 }\n' >"$work/overflow.yaml"
printf 'policy:\n  - { name: call, match: { protocol: udp }, duplicate: any }\n' >"$work/twice.yaml"
printf 'policy: []\n' >"$work/none.yaml"

set_policy mag eleven | shows -E '^call +changed' || fail "the change is not told"
within 5 "the rules are those of the file" names "['call', 'rest']"
query mag policy "d[0]['source'] == '$work/eleven.yaml'" || fail "where the rules come from is not told"

# The call goes both ways and is numbered; the download takes less than the lines have, so that neither loses anything by itself.
address=2001:db8:ffff::80
python3 "$(dirname "$0")/voice.py" plait-host plait-server $address 10 5 >"$work/call" &
call=$!
watchers+=("$call")
in_ns host curl -sSg --limit-rate 1M -o "$work/a.got" "http://[$address]/a" &
transfer=$!
watchers+=("$transfer")
within 20 "the download runs" query mag paths "sum(p['received']['octets'] for p in d) > 500000"
changes=0
while kill -0 "$call" 2>/dev/null && [ $changes -lt 24 ]; do
    for file in nine eleven overflow twice none; do
        set_policy mag $file >/dev/null || fail "$file.yaml is refused"
        changes=$((changes + 1))
    done
    sleep 0.2
done
[ $changes -ge 20 ] || fail "only $changes changes in ten seconds"
wait "$call" || fail "the call broke: $(cat "$work/call")"
cat "$work/call"
echo "measured: $changes changes of the policy meanwhile"
[ "$(grep -c ' 0 lost' "$work/call")" = 2 ] || fail "packets of the call were lost"
kill -0 "$transfer" || fail "the download broke"
kill "$transfer"
wait "$transfer" || true
got=$(stat -c %s "$work/a.got")
cmp -n "$got" "$work/www/a" "$work/a.got" || fail "what was downloaded differs from what was served"

# refused FILE-CONTENT WHAT-IS-SAID
refused() {
    local said
    printf '%b' "$1" >"$work/wrong.yaml"
    if said=$(set_policy mag wrong 2>&1); then fail "accepted: $1"; fi
    [[ $said == *"$work/wrong.yaml:$2"* ]] || fail "of $1 is said: $said"
}
set_policy mag eleven >/dev/null
refused 'policy:\n  - { name: a, pin: 9 }\n  - { name: b, pin: 12 }\n' '3: policy[1].pin: no WAN has the label 12'
refused 'policy:\n  - { name: a, pni: 9 }\n' '2: policy[0].pni: unknown key; did you mean pin?'
refused 'policy: [\n' '2: is not YAML'
sed 's/interface: wan1/interface: [/' "$work/mag.yaml" >"$work/broken.yaml"
if set_policy mag broken 2>/dev/null; then fail "a broken configuration is accepted"; fi
names "['call', 'rest']" || fail "a wrong file has changed the rules"

# A whole configuration; and the anchor has a policy of its own.
set_policy mag mag | shows -E '^rest +removed' || fail "the configuration's part is not taken"
names "['call']" || fail "the rules are not those of the configuration"
printf 'policy:\n  - { name: all, bond: any }\n' >"$work/anchor.yaml"
set_policy lma anchor | shows -E '^all +added' || fail "the anchor does not take a policy"
query lma policy "[r for r in d if r['rule'] == 'all' and r['owner'] == 'anchor']" || fail "the anchor does not show its rule"
