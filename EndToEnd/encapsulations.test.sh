#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every encapsulation over either family, with and without GRE key, per flow and per packet: both inner families both
# ways, octet by octet, and on the wire nothing but what was agreed. MATRIX=all for all, else a part that has each once.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

part='
ip-in-ip     -      ipv6  per-flow
ip-in-ip     -      ipv4  per-packet
gre          false  ipv6  per-packet
gre          true   ipv4  per-packet
udp          -      ipv4  per-flow
udp          -      ipv6  per-packet
udp-tlv      -      ipv4  per-packet
udp-tlv-gre  true   ipv6  per-flow
'

combinations() {
    [ "${MATRIX:-part}" = all ] || { echo "$part"; return; }
    local encapsulation outer mode
    for encapsulation in 'ip-in-ip -' 'gre false' 'gre true' 'udp -' 'udp-tlv -' 'udp-tlv-gre false' 'udp-tlv-gre true'; do
        for outer in ipv6 ipv4; do
            for mode in per-flow per-packet; do echo "$encapsulation $outer $mode"; done
        done
    done
}

# What user packets look like on the wire, as tcpdump's filters; each must be seen.
on_the_wire() {
    local ip=ip
    [ "$2" = ipv6 ] && ip=ip6
    case $1 in
        ip-in-ip) echo "$ip proto 41"; echo "$ip proto 4" ;;
        gre) echo "$ip proto 47" ;;
        udp*) echo "$ip and udp port 5437" ;;
    esac
}

count() { tcpdump -nn -r "$work/wire.pcap" "$1" 2>/dev/null | wc -l; }

check_wire() {
    local anchor=$LMA_IPV4 filter others=''
    [ "$2" = ipv6 ] && anchor=2001:db8:100::1
    while read -r filter; do
        [ "$(count "host $anchor and $filter")" -ge 200 ] || fail "$1 over $2: hardly any packet is '$filter'"
        others+=" and not ($filter)"
    done < <(on_the_wire "$1" "$2")
    # Signalling, neighbour discovery and errors aside.
    others="host $anchor$others and not ip6 proto 135 and not udp port 5436 and not icmp and not icmp6"
    [ "$(count "$others")" = 0 ] || fail "$1 over $2: other packets are on the wire: $(tcpdump -nn -r "$work/wire.pcap" "$others" 2>/dev/null | sed -n 1,3p)"
}

transfer_all() {
    local family
    ip netns exec plait-lma tcpdump -i any -nn -s 80 -U -w "$work/wire.pcap" 'not port 80 and not port 81' 2>/dev/null &
    local watcher=$!
    within 20 "the capture runs" test -s "$work/wire.pcap"
    for family in ipv6 ipv4; do
        download $family a >/dev/null
        upload $family a
    done
    kill "$watcher"; wait "$watcher" 2>/dev/null || true
}

lab_up --wan1 delay=3ms --wan2 delay=3ms
mkdir -p "$work/www"
make_file a 1
table=''
while read -r encapsulation key outer mode; do
    [ -n "$encapsulation" ] || continue
    begin=$(now_ms)
    FAMILY1=$outer FAMILY2=$outer ENCAPSULATION1=$encapsulation ENCAPSULATION2=$encapsulation MODE=$mode GRE_KEY=${key#-}
    configure >/dev/null
    start_lma
    start_mag
    within 30 "$encapsulation over $outer: both paths are up at the gateway" both_up mag
    within 30 "$encapsulation over $outer: both paths are up at the anchor" both_up lma
    query mag paths "all(p['encapsulation'] == '$encapsulation-$outer' for p in d)" >/dev/null ||
        fail "$encapsulation over $outer is called $(query mag paths "[p['encapsulation'] for p in d]")"
    [ -n "$server_pid" ] || { number_host; start_server; }
    within 30 "the host reaches the server over IPv6" in_ns host ping -6 -c 1 -W 1 2001:db8:ffff::80
    within 30 "the host reaches the server over IPv4" in_ns host ping -4 -c 1 -W 1 192.0.3.80
    transfer_all
    check_wire "$encapsulation" "$outer"
    stop mag
    stop lma
    rm "$work/wire.pcap"
    table+=$(printf 'measured: %-12s key %-5s %s %-10s both inner families both ways, compared: %d ms' \
        "$encapsulation" "$key" "$outer" "$mode" $(($(now_ms) - begin)))$'\n'
done < <(combinations)
printf '%s' "$table"
