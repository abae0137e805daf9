#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `plait lma init` and `plait mag init` write a pair of configurations that works as it is written.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

lab_up --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
in_ns lma "$PLAIT" lma init --name lma1 --gateway home --output "$work/lma.yaml"
in_ns lma "$PLAIT" lma init --name lma1 --output "$work/lma.yaml" 2>/dev/null && fail "a file was overwritten without --force"
in_ns mag "$PLAIT" mag init --enrolment "$work/home-lma1.enrolment.yaml" --output "$work/mag.yaml"
for file in lma.yaml mag.yaml home-lma1.enrolment.yaml; do
    [ "$(stat -c %a "$work/$file")" = 600 ] || fail "others can read the key in $file"
done
for daemon in lma mag; do
    "$PLAIT" check "$work/$daemon.yaml"
    ln -s "/run/plait/$daemon.sock" "$work/$daemon.sock"
done

start_lma
start_mag
within 30 "all paths are up at the gateway" query mag paths "len(d) == 2 and all(p['condition'] == 'up' for p in d)"
within 30 "all paths are up at the anchor" query lma paths "len(d) == 2 and all(p['condition'] == 'up' for p in d)"
prefix=$(query lma bindings "[p for p in d[0]['delegatedPrefixes'] if '.' in p][0]")
stem=${prefix%.0/*}
"$PLAIT" lab host-ipv4 "$stem.2/24" "$stem.1"
within 30 "the host has an IPv6 address" eval 'in_ns host ip -6 -o addr show dev eth0 scope global | shows " fd"'
within 30 "the host reaches the server over IPv6" in_ns host ping -6 -c 1 -W 1 2001:db8:ffff::80
within 30 "the host reaches the server over IPv4" in_ns host ping -4 -c 1 -W 1 192.0.3.80
start_server
make_file a 2
download ipv6 a
download ipv4 a
stop mag
stop lma

# Each pair has a key of its own.
in_ns lma "$PLAIT" lma init --name lma1 --gateway home --output "$work/other.yaml" --force >/dev/null
[ "$(grep -o 'key: [^ ,}]*' "$work/other.yaml")" != "$(grep -o 'key: [^ ,}]*' "$work/lma.yaml")" ] || fail "the key is not fresh"
