#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two anchors: the gateway turns to the second when the first is gone, and sends the site's traffic out directly when both
# are.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

lma2_pid=''
end_second() { end "$lma2_pid"; cleanup; }
trap end_second EXIT

# Anchors that forget: the gateway brings the prefixes back.
STORE=memory
lab_up --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
configure
# The second anchor stands beside the first; the access networks lead to it, and to the server.
in_ns lma ip addr add 2001:db8:100::2/128 dev lo nodad
in_ns lma ip addr add 192.0.2.2/32 dev lo
for number in 1 2; do
    in_ns wan$number ip -6 route add 2001:db8:100::2 via 2001:db8:c$number::2
    in_ns wan$number ip -6 route add 2001:db8:ffff::/64 via 2001:db8:c$number::2
    in_ns wan$number ip route add 192.0.2.2 via 198.18.$number.2
    in_ns wan$number ip route add 192.0.3.0/24 via 198.18.$number.2
done
sed -e 's/name: lma1/name: lma2\n  tunnel-device: plait1/; s/100::1/100::2/; s/ipv4: 192.0.2.1/ipv4: 192.0.2.2/' \
    -e "s|$work/lma.sock|$work/lma2.sock|" "$work/lma.yaml" >"$work/lma2.yaml"
sed -i -e '/^  anchor:/,/authentication:/d' -e "s/^mag:/&\n  authentication: { spi: 256, key: $MAG_KEY, algorithm: hmac-sha1-96 }\\
  anchors:\\
    - { name: first, addresses: [\"2001:db8:100::1\", 192.0.2.1] }\\
    - { name: second, addresses: [\"2001:db8:100::2\", 192.0.2.2] }\\
  break-out: no-anchor/" "$work/mag.yaml"
"$PLAIT" check "$work/lma2.yaml"
"$PLAIT" check "$work/mag.yaml"

start_second() {
    ip netns exec plait-lma "$PLAIT" lma run --config "$work/lma2.yaml" >>"$work/lma2.log" 2>&1 &
    lma2_pid=$!
}
registered_at() { query mag paths "{p['remoteAddress'] for p in d if p['condition'] == 'up'} >= {'$1'}"; }
prefixes() { query mag bindings "d[0]['homeNetworkPrefixes'] + d[0]['delegatedPrefixes']"; }
fetch() { in_ns host curl -sf --max-time 2 -o /dev/null "$1"; }

start_second
start_all
had=$(prefixes)
kill -KILL "$lma_pid"
lma_pid=''
started=$(now_ms)
within 30 "the gateway turns to the second anchor" registered_at 2001:db8:100::2
echo "measured: with the second anchor $(($(now_ms) - started)) ms after the end of the first"
within 20 "the site is reached through the second anchor" fetch "http://[2001:db8:ffff::80]/"
[ "$(prefixes)" = "$had" ] || fail "the second anchor gave other prefixes: $had, $(prefixes)"

kill -KILL "$lma2_pid"
lma2_pid=''
started=$(now_ms)
within 40 "traffic breaks out over IPv4" fetch http://192.0.3.80/
echo "measured: traffic breaks out $(($(now_ms) - started)) ms after the end of the last anchor"
within 20 "traffic breaks out over IPv6" fetch "http://[2001:db8:ffff::80]/"
grep -q 'traffic leaves by the access networks' "$work/mag.log" || fail "the gateway does not say so"
own=$(in_ns mag ip -4 -o addr show dev wan1 | grep -o '[0-9.]*/' | tr -d /)
# Read to the end: see pipefail.
[ "$(grep -c "$own" "$work/server.log")" -gt 0 ] || fail "the server saw another address than $own"

start_second
within 40 "the session is back" registered_at 2001:db8:100::2
within 20 "the site's own addresses are seen again" fetch "http://[2001:db8:ffff::80]/"
[ "$(prefixes)" = "$had" ] || fail "other prefixes than before: $had, $(prefixes)"
stop mag
in_ns mag nft list ruleset | { ! grep plait; } || fail "rules are left behind"
