#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The lab's other networks by their commands: translators, dynamic addresses, a second site, dropped protocols.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

reaches() { in_ns "$1" ping -n -q -c 1 -W 1 -I "$2" "$3"; }
# sees INTERFACE ADDRESS: whether the anchor hears the gateway's pings over wanN come from an address.
sees() {
    ip netns exec plait-lma timeout 60 tcpdump -nn -l -c 1 -i "core${1#wan}" "icmp and src $2" >"$work/seen" 2>/dev/null &
    local watcher=$!
    # The watcher ends with the first that it hears; those sent before it listened are lost.
    while kill -0 "$watcher" 2>/dev/null; do reaches mag "$1" 192.0.2.1 >/dev/null || true; done
    wait "$watcher"
}

before=$(ip -o link; ip route; ip -6 route | sed 's/expires.*//')

lab_up --nat wan1,wan2 --same-subnet --anchor-nat --sites 2 --server-on-link
for wan in wan1 wan2; do
    in_ns mag ip -o addr show dev $wan | shows 'inet 192.168.1.2/24' || fail "$wan has another address"
    for site in mag mag2; do
        within 20 "$site reaches the anchor through $wan" reaches $site $wan 192.0.2.1
        within 20 "$site reaches the anchor through $wan over IPv6" reaches $site $wan 2001:db8:100::1
    done
done
in_ns lma ip -o addr show dev lo | shows 'inet 10.99.0.1/32' || fail "the anchor does not have its private address"
sees wan1 198.18.1.1 || fail "wan1 does not translate"
"$PLAIT" lab rebind wan1 --address 198.18.1.9
sees wan1 198.18.1.9 || fail "wan1 did not take its new public address"
[ -z "$(in_ns server ip route show default)$(in_ns server ip -6 route show default)" ] || fail "the server has a default route"

lab_up --dynamic --one-default-route --nat wan2 --block wan1
[ "$(in_ns mag sysctl -n net.ipv4.ip_forward)" = 0 ] || fail "the gateway forwards before anybody told it to"
[ "$(in_ns mag ip route show default | wc -l)" = 1 ] || fail "not one default route"
within 20 "what is not blocked passes" reaches mag wan1 2001:db8:100::1
"$PLAIT" lab renumber wan1 ipv6
in_ns mag ip -6 addr show dev wan1 deprecated | shows '2001:db8:a:0:' || fail "the old prefix is not deprecated"
"$PLAIT" lab renumber wan2 ipv4
in_ns mag ip addr show dev wan2 | shows 'inet 192.168.2.101/24' || fail "the lease did not change"

for wrong in '--nat wan3' '--same-subnet' '--sites 3' '--one-default-route'; do
    # shellcheck disable=SC2086
    "$PLAIT" lab down && "$PLAIT" lab up $wrong 2>/dev/null && fail "'$wrong' is taken"
done
"$PLAIT" lab renumber wan1 ipv6 2>/dev/null && fail "a lab that is not there was renumbered"
ip netns list | shows '^plait-' && fail "a namespace is left"
[[ -e /run/plait-lab ]] && fail "/run/plait-lab is left"
[[ $before == "$(ip -o link; ip route; ip -6 route | sed 's/expires.*//')" ]] || fail "links or routes of the machine changed"
echo "lab variants: all as it should be"
