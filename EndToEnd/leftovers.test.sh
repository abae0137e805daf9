#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What daemons that were killed leave behind is cleaned at their next start, even if that run would not use it; after an
# orderly end nothing is left at all.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

kill_both() {
    kill -KILL "$mag_pid" "$lma_pid"
    wait "$mag_pid" "$lma_pid" 2>/dev/null || true
    mag_pid='' lma_pid=''
}
check_all() {
    local namespace
    for namespace in mag lma; do leaves_nothing $namespace "$work/$namespace.before" || fail "$1: something is left in $namespace"; done
}

lab_up --dynamic --wan1 delay=3ms --wan2 delay=3ms
be_router
for namespace in mag lma; do imprint $namespace >"$work/$namespace.before"; done

# Everything that there is to leave: translation upstream, port forwards, a home address, private addresses on the LAN.
PREFIX_UPSTREAM=nat DELEGATED=ipv6 MOBILE_NODE='ipv4-home-address: true' LAN='ipv4: 192.168.77.1/24'
HOST_IPV4=192.168.77.2/24 HOST_ROUTER=192.168.77.1
POOLS='    ipv4-home-addresses: { from: 10.9.0.0/24, upstream: nat }'
LMA_MORE='  upstream:
    interface: inet0
    port-forwards: [ { protocol: tcp, port: 8080, to: "10.9.0.1:80" } ]'
configure
start_all
stop mag
stop lma
check_all "after an orderly end"

start_lma
start_mag
within 30 "both paths are up" both_up mag
kill_both
for namespace in mag lma; do
    leaves_nothing $namespace "$work/$namespace.before" >/dev/null && fail "killed daemons left nothing in $namespace: this shows nothing"
done

# The next run is a plain one: it does not use half of what was left.
PREFIX_UPSTREAM='' DELEGATED='ipv6, ipv4' MOBILE_NODE='' LAN='' POOLS='' LMA_MORE='' HOST_IPV4=10.20.0.2/24 HOST_ROUTER=10.20.0.1
configure
start_lma
start_mag
within 30 "both paths are up after the kill" both_up mag
in_ns lma nft list ruleset | shows . && fail "the anchor's rules of the killed run are still there"
in_ns mag ip -4 addr show dev lan0 | shows 192.168.77 && fail "the LAN's address of the killed run is still there"
number_host
stop mag
stop lma
check_all "after a kill, a start and an orderly end"

# Killed twice in a row: the first value of each setting is what comes back.
for _ in 1 2; do
    start_lma
    start_mag
    within 30 "both paths are up" both_up mag
    kill_both
done
start_lma
start_mag
stop mag
stop lma
check_all "after two kills"
