#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# P9: both paths become narrower while packets pass, from 1500 octets to 1400, 1280 and 1200, and nobody says so: what is
# larger is dropped without ICMP. Transfers go on, the tunnel's MTU follows at both ends, and hosts are told (RFC 5213
# §6.9.5); when the paths are wide again, so is the tunnel. ICMP that somebody makes up changes nothing.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

advertised() { in_ns host ip -6 route show default | shows "mtu $1 "; }
# narrow OCTETS WAN…: what is larger is lost behind these, both ways.
narrow() {
    local octets=$1 wan
    shift
    for wan in "$@"; do
        in_ns "$wan" nft "add table inet narrow; delete table inet narrow; add table inet narrow
            add chain inet narrow forward { type filter hook forward priority 0; }
            add rule inet narrow forward meta length > $octets drop"
    done
}
widen() { for wan in wan1 wan2; do in_ns $wan nft delete table inet narrow; done; }
# mtu_is DAEMON BID OCTETS; both_ends_at OCTETS
mtu_is() { query "$1" paths "[p for p in d if p['bindingIdentifier'] == $2][0]['mtu'] == $3"; }
both_ends_at() { for end in mag lma; do mtu_is $end 1 "$1" && mtu_is $end 2 "$1" || return; done; }
# The hosts believe for ten minutes what they have heard once.
forget() { in_ns server ip route flush cache; in_ns host ip route flush cache; in_ns server ip -6 route flush cache; in_ns host ip -6 route flush cache; }
# refused FAMILY OCTETS: what the server is told of a packet that is too large for its way to the host.
refused() {
    in_ns server ip -"$1" route flush cache
    (in_ns server ping -"$1" -c 1 -W 1 -M "do" -s 1452 "$([ "$1" = 6 ] && echo "$host6" || echo "${HOST_IPV4%/*}")" || true) |
        shows -E "mtu ?[=:] ?$2"
}
# complain NAMESPACE FROM TO: tells who sends from there that his packets are too large for the path.
complain() {
    ip netns exec "plait-$1" python3 - "$2" "$3" <<'PY'
import socket, struct, sys
sender, target = sys.argv[1:]
if ":" in sender:
    pack = lambda address: socket.inet_pton(socket.AF_INET6, address)
    quoted = struct.pack("!IHBB", 6 << 28, 1400, 47, 64) + pack(sender) + pack(target) + b"\x20\x00\x86\xdd" + bytes(1000)
    raw = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    message = struct.pack("!BBHI", 2, 0, 0, 1280) + quoted
else:
    pack = socket.inet_aton
    quoted = struct.pack("!BBHHHBBH4s4sHHHH", 0x45, 0, 1480, 1, 0x4000, 64, 17, 0, pack(sender), pack(target), 5437, 5437, 1460, 0)
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    message = struct.pack("!BBHHH", 3, 4, 0, 0, 600) + quoted
    words = struct.unpack(f"!{len(message) // 2}H", message)
    total = sum(words)
    while total >> 16: total = (total & 0xFFFF) + (total >> 16)
    message = message[:2] + struct.pack("!H", ~total & 0xFFFF) + message[4:]
for _ in range(20): raw.sendto(message, (sender, 0))
PY
}
# fetch NAME: downloads over IPv4; prints the longest time in milliseconds in which nothing came.
fetch() {
    in_ns host python3 - "$work/$1.got" "$1" <<'PY'
import socket, sys, time
longest, last = 0.0, None
with socket.create_connection(("192.0.3.80", 80), 60) as peer, open(sys.argv[1], "wb") as file:
    peer.sendall(f"GET /{sys.argv[2]} HTTP/1.0\r\n\r\n".encode())
    content, head = b"", True
    while octets := peer.recv(1 << 16):
        now = time.monotonic()
        longest, last = max(longest, now - (last or now)), now
        if head:
            content += octets
            if b"\r\n\r\n" not in content: continue
            octets, head = content.split(b"\r\n\r\n", 1)[1], False
        file.write(octets)
print(round(longest * 1000))
PY
}
# while_fetching OCTETS WAN…: narrows the paths in the middle of a download, and compares what comes.
while_fetching() {
    local before started
    before=$(octets mag 1 "received")
    fetch a >"$work/gap" &
    local transfer=$!
    within 20 "the download runs" query mag paths "min(p['received']['octets'] for p in d) > $before + 500000"
    started=$(now_ms)
    narrow "$@"
    within 30 "the anchor finds $1 octets" eval "mtu_is lma 1 $1 && mtu_is lma 2 $1"
    echo "measured: $1 octets found by the anchor after $(($(now_ms) - started)) ms under traffic"
    wait "$transfer" || fail "the download broke"
    cmp "$work/www/a" "$work/a.got" || fail "the download differs from what was served"
    echo "measured: the longest pause in the download while both paths went to $1 octets: $(cat "$work/gap") ms (goal 3000)"
    [ "$(cat "$work/gap")" -le 15000 ] || fail "the download paused for $(cat "$work/gap") ms"
}

lab_up --wan1 rate=20mbit,delay=5ms --wan2 rate=20mbit,delay=5ms
configure
start_all
make_file a 12
make_file b 2
host6=$(host_ipv6 host)
within 20 "hosts know the MTU" advertised 1448
within 20 "all paths are found to be as large as their links" both_ends_at 1500

complain wan1 2001:db8:a::2 2001:db8:100::1
complain wan2 203.0.113.2 192.0.2.1
download ipv6 b
both_ends_at 1500 >/dev/null || fail "forged ICMP is believed"
advertised 1448 || fail "forged ICMP is believed"

while_fetching 1400 wan1 wan2
upload ipv4 b
within 70 "the gateway finds the narrower paths" both_ends_at 1400
within 20 "hosts hear of the narrower path" advertised 1348
within 20 "the server hears of the narrower path over IPv6" refused 6 1348
within 20 "the server hears of the narrower path over IPv4" refused 4 1348
upload ipv6 b
download ipv6 b

while_fetching 1280 wan1 wan2
upload ipv4 b
within 70 "both ends find the narrower paths" both_ends_at 1280
# No narrower than 1280 is any way of IPv6 (RFC 8200 §5).
narrow 1200 wan2
upload ipv4 b
within 20 "the gateway finds the still narrower path" mtu_is mag 2 1200
download ipv4 b
within 20 "so does the anchor" mtu_is lma 2 1200

widen
within 60 "the paths are found to be wide again" both_ends_at 1500
within 20 "hosts hear of the wider path" advertised 1448
forget
within 20 "the server hears of nothing narrower than that" refused 6 1448
for end in mag lma; do both_up $end >/dev/null || fail "a path is out"; done
