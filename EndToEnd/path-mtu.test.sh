#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A link behind the access network becomes narrower: routers say so by ICMP, the tunnel's MTU follows at both ends, and
# hosts are told; when it is wide again, so is the tunnel (RFC 5213 §6.9.5).
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

advertised() { in_ns host ip -6 route show default | shows "mtu $1 "; }
both_links() { in_ns wan1 ip link set "$1" mtu "$3"; in_ns lma ip link set "$2" mtu "$3"; }
# What is too large is sent until a router has complained and the hosts have heard of it.
narrower() { in_ns host ping -6 -q -c 1 -W 1 -s 1400 2001:db8:ffff::80 >/dev/null; advertised "$1"; }
# asked NAMESPACE: whether its end of either path was sent an echo request. Nobody else sends any to the daemons' machines.
asked() { [ "$(in_ns "$1" nstat -asz Icmp6InEchos IcmpInEchos | grep -cE 'InEchos +[1-9]')" = 2 ]; }
# The server believes for ten minutes what it has heard once.
refused() {
    in_ns server ip -6 route flush cache
    (in_ns server ping -6 -c 1 -W 1 -M "do" -s 1452 "$host6" || true) | shows -E "mtu ?[=:] ?$1"
}

lab_up --wan1 rate=20mbit,delay=5ms --wan2 rate=20mbit,delay=5ms
configure
start_all
host6=$(host_ipv6 host)
within 20 "hosts know the MTU" advertised 1448
# Once each path has been asked by an echo request, what comes is heard from the tunnel's own packets.
within 30 "the gateway asks each path" asked lma
within 30 "the anchor asks each path" asked mag
both_links core core1 1400
within 30 "hosts hear of the narrower path" narrower 1348
within 20 "the anchor knows of it" refused 1348
in_ns host ping -6 -q -c 5 -i 0.2 -W 2 -s 3000 2001:db8:ffff::80 >/dev/null || fail "packets are lost"
# What routers said is believed for ten minutes; who asks the kernel to forget it need not wait.
both_links core core1 1500
in_ns mag ip -6 route flush cache
within 20 "hosts hear of the wider path" advertised 1448
within 20 "the anchor knows of it" refused 1448
