#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A site with several LANs: each has its own /64, its own IPv4 network and its own families, and their hosts reach the far side
# and one another. Then a site with IPv6 only over access networks with IPv4 only, and the other way round.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"
trap 'status=$?; set +e; ip netns delete plait-lan1 2>/dev/null; ip netns delete plait-lan2 2>/dev/null; (exit "$status"); cleanup' EXIT

# site_lan NUMBER: a host eth0 on the gateway's lanNUMBER.
site_lan() {
    ip netns add "plait-lan$1"
    in_ns mag ip link add "lan$1" type veth peer name eth0 netns "plait-lan$1"
    in_ns mag ip link set "lan$1" up
    in_ns "lan$1" sh -c 'echo 2 >/proc/sys/net/ipv6/conf/eth0/accept_ra'
    in_ns "lan$1" ip link set lo up
    in_ns "lan$1" ip link set eth0 up
}
cat >"$work/udhcpc.sh" <<'SH'
#!/bin/sh
[ "$1" = bound ] || exit 0
ip address replace "$ip/$mask" dev "$interface"
ip route replace default via "$router" dev "$interface"
SH
chmod +x "$work/udhcpc.sh"
ask() {
    in_ns "$1" ip -4 addr flush dev eth0
    in_ns "$1" busybox udhcpc -i eth0 -n -q -f -t 10 -T 1 -s "$work/udhcpc.sh" >>"$work/udhcpc.log" 2>&1 ||
        fail "$1 was given no IPv4 address"
}
has_ipv6() { in_ns "$1" ip -6 -o addr show dev eth0 scope global -deprecated | shows -E "2001:db8:56$2"; }
has_ipv4() { in_ns "$1" ip -4 -o addr show dev eth0 | shows "inet $2"; }
reaches6() { in_ns "$1" ping -6 -c 1 -W 1 "${2:-2001:db8:ffff::80}"; }
reaches4() { in_ns "$1" ping -4 -c 1 -W 1 "${2:-192.0.3.80}"; }
# site LANS: what the gateway's file says of them.
site() { sed -i "s/^  lan: .*/  $1/" "$work/mag.yaml" && "$PLAIT" check "$work/mag.yaml"; }

lab_up --wan1 rate=20mbit --wan2 rate=20mbit
site_lan 1
site_lan 2
imprint mag >"$work/before"
MOBILE_NODE='ipv4-home-address: true'
POOLS='    ipv4-home-addresses: { from: 10.9.0.0/24, upstream: nat }' LMA_MORE='  upstream: { interface: inet0 }'
configure
site 'lans: [ { interface: lan0, dhcp: {} }, { interface: lan1, ipv4: 192.168.78.1\/24, dhcp: {} }, { interface: lan2, families: [ipv6], subnet: 15 } ]'
start_lma
start_mag
within 15 "both paths are up" both_up mag

# The first has the first /64 and the delegated IPv4 prefix, the second its own network behind the home address.
within 10 "a host on the first LAN has its address" has_ipv6 host '00:0:'
within 10 "a host on the second LAN has its address" has_ipv6 lan1 '00:1:'
within 10 "a host on the third LAN has its address" has_ipv6 lan2 '00:f:'
ask host
ask lan1
has_ipv4 host 10.20.0. || fail "the first LAN has no address of the delegated prefix"
has_ipv4 lan1 192.168.78. || fail "the second LAN has no address of its own network"
in_ns mag ip -4 -o addr show dev lan2 | shows inet && fail "a LAN without IPv4 has an address"
for host in host lan1 lan2; do within 10 "$host reaches the server over IPv6" reaches6 $host; done
for host in host lan1; do within 10 "$host reaches the server over IPv4" reaches4 $host; done
# From one to another, through the gateway.
third=$(in_ns lan2 ip -6 -o addr show dev eth0 scope global | grep -o '2001:db8:56[^/]*' | sed -n 1p)
within 5 "a host of the second LAN reaches one of the third" reaches6 lan1 "$third"
stop mag
stop lma
leaves_nothing mag "$work/before" || fail "the gateway has left something"

# IPv6 for hosts, IPv4 for tunnels. A /56 has no more than 256 parts for LANs.
MOBILE_NODE='' POOLS='' LMA_MORE='' FAMILY1=ipv4 FAMILY2=ipv4 DELEGATED=ipv6
configure
site 'lans: [ { interface: lan0, families: [ipv6] }, { interface: lan1, families: [ipv6], subnet: 256 } ]'
start_lma
start_mag
within 15 "both paths are up over IPv4" both_up mag
within 10 "the host has its address" has_ipv6 host ''
within 10 "the host reaches the server over IPv6" reaches6 host
shows 'lan1: 2001:db8:5600::/56 has no /64 with the number 256' "$work/mag.log" || fail "nobody says that a LAN goes without"
in_ns mag ip -4 -o addr show dev lan0 | shows inet && fail "a LAN without IPv4 has an address"
stop mag
stop lma

# And the other way round: nothing is advertised.
FAMILY1=ipv6 FAMILY2=ipv6 DELEGATED=ipv4
configure
site 'lan: { interface: lan0, families: [ipv4], dhcp: {} }'
in_ns host ip -6 addr flush dev eth0 scope global
in_ns host ip -6 route flush proto ra
start_lma
start_mag
within 15 "both paths are up over IPv6" both_up mag
ask host
within 10 "the host reaches the server over IPv4" reaches4 host
in_ns host ip -6 route show proto ra | shows . && fail "something is advertised on a LAN without IPv6"
in_ns mag ip -6 -o addr show dev lan0 scope global | shows inet6 && fail "a LAN without IPv6 has an address"
stop mag
