#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What `plait lma init` and `plait mag init` write works as it is.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

lab_up --wan1 rate=20mbit,delay=5ms --wan2 rate=20mbit,delay=5ms
ip netns exec plait-lma "$PLAIT" lma init --name lma1 --gateway site1 --output "$work/lma.yaml"
ip netns exec plait-mag "$PLAIT" mag init --enrolment "$work/site1-lma1.enrolment.yaml" --output "$work/mag.yaml"
for file in lma mag; do
    "$PLAIT" check "$work/$file.yaml"
    [ "$(stat -c %a "$work/$file.yaml")" = 600 ] || fail "others can read $file.yaml"
    # The test's own sockets: the usual ones may be somebody else's.
    printf '  management: { socket: %s/%s.sock }\n' "$work" "$file" >>"$work/$file.yaml"
done
if ip netns exec plait-lma "$PLAIT" lma init --output "$work/lma.yaml"; then fail "a file was overwritten"; fi
start_lma
start_mag
within 20 "both paths are up" both_up mag
within 10 "the site has its IPv4 prefix" query mag bindings "any('.' in p for p in d[0]['delegatedPrefixes'])"
within 10 "the host has an address" sh -c "ip -n plait-host -6 address show dev eth0 scope global | grep -q inet6"
within 10 "the host reaches the server" ip netns exec plait-host ping -c 1 -W 1 2001:db8:ffff::80
