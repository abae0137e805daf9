#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two unlike legs, GRE over IPv6 and UDP+TLV+GRE over IPv4, carry one session: per packet, and per flow.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

advertised() { in_ns host ip -6 route show default | shows "mtu $1"; }
# refused FAMILY SIZE ADDRESS: whether the server has heard what fits. It asks its own memory the second time.
refused() { (in_ns server ping "$1" -c 1 -W 1 -M "do" -s "$2" "$3" || true) | shows -E 'mtu ?[=:] ?1448'; }

lab_up --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
for MODE in per-packet per-flow; do
    configure
    start_all
    query mag paths "sorted(p['encapsulation'] for p in d) == ['gre-ipv6', 'udp-tlv-gre-ipv4']"
    # The tunnel's MTU (the smaller of both legs: GRE with key and sequence over IPv6) reaches both sides.
    host6=$(in_ns host ip -6 -o addr show dev eth0 scope global | grep -o '2001:db8:56[^/]*' | sed -n 1p)
    within 20 "the router advertisement carries the MTU" advertised 1448
    within 20 "the server hears of a packet that is too big" refused -6 1452 "$host6"
    within 20 "the server hears of fragmentation needed" refused -4 1472 10.20.0.2
    # What may be fragmented goes through, whatever its size.
    in_ns server ping -4 -c 3 -i 0.2 -W 2 -M dont -s 3000 10.20.0.2 >/dev/null || fail "fragments do not pass"
    # The server forgets what it has learnt, for the second round.
    in_ns server ip route flush cache
    in_ns server ip -6 route flush cache
    make_file a 8
    download ipv6 a
    download ipv4 a
    if [ "$MODE" = per-packet ]; then
        # One connection used both legs, each for a fair share.
        one=$(octets mag 1 received) two=$(octets mag 2 received)
        echo "measured: octets received over path 1: $one, over path 2: $two"
        if [ "$one" -lt 4000000 ] || [ "$two" -lt 4000000 ]; then fail "one leg carried almost everything"; fi
    else
        # Many flows are spread over both legs, and each stays on its own. So many that chance does not put all on one.
        make_file b 4
        transfers=()
        for _ in $(seq 16); do
            in_ns host curl -sf --max-time 120 -o /dev/null "http://192.0.3.80/b" &
            transfers+=($!)
        done
        for transfer in "${transfers[@]}"; do wait "$transfer" || fail "a download failed"; done
        query lma flows "{f['bindingIdentifier'] for f in d} == {1, 2}" || fail "sixteen flows all took one leg"
    fi
    end "$mag_pid"; mag_pid=''
    # The gateway has de-registered: the anchor holds nothing active, and the kernel nothing of ours.
    within 20 "the anchor knows of the de-registration" query lma paths "all(p['registration'] != 'active' for p in d)"
    if in_ns mag ip rule show | shows -E "^521[23]:"; then fail "rules are left at the gateway"; fi
    [ -z "$(in_ns mag ip -6 route show table all proto 213)" ] || fail "routes are left at the gateway"
    end "$lma_pid"; lma_pid=''
    [ -z "$(in_ns lma ip -6 route show table all proto 213)$(in_ns lma ip route show table all proto 213)" ] ||
        fail "routes are left at the anchor"
    end "$server_pid"; server_pid=''
done
