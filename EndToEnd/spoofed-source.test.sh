#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# User packets from or to addresses that are not the session's pass neither end.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

lab_up --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
configure
start_all

# At the gateway: a host on the LAN that uses somebody else's address. Its packets do not reach the tunnel.
in_ns host ip -6 addr add 2001:db8:bad::1/128 dev eth0 nodad
ip netns exec plait-server timeout 120 tcpdump -ni eth0 -w "$work/server.pcap" 'ip6 src 2001:db8:bad::1' >/dev/null 2>&1 &
watcher=$!
within 20 "the capture runs" test -e "$work/server.pcap"
in_ns host ping -6 -c 3 -i 0.2 -W 1 -I 2001:db8:bad::1 2001:db8:ffff::80 && fail "a spoofed ping was answered"

# At the anchor: somebody who knows the GRE key injects a packet with a source that is not the session's.
before=$(counter lma packets_dropped_spoofed_source)
key=$(in_ns mag timeout 60 tcpdump -c 1 -nni wan1 -xx 'ip6 proto 47 and src 2001:db8:a::2' 2>/dev/null | awk '/0x0030/ { print $7 $8 }')
[ -n "$key" ] || { in_ns host ping -6 -c 2 2001:db8:ffff::80 >/dev/null; fail "no GRE packet seen"; }
in_ns mag python3 - "$key" <<'PY'
import socket, struct, sys
key = int(sys.argv[1], 16)
payload = b'spoofed!'
udp = struct.pack('!HHHH', 1000, 2000, 8 + len(payload), 0) + payload
address = lambda text: socket.inet_pton(socket.AF_INET6, text)
inner = struct.pack('!IHBB', 6 << 28, len(udp), 17, 64) + address('2001:db8:bad::1') + address('2001:db8:ffff::80') + udp
out = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 47)
out.bind(('2001:db8:a::2', 0))
for _ in range(5):
    out.sendto(struct.pack('!HHI', 0x2000, 0x86DD, key) + inner, ('2001:db8:100::1', 0))
PY
within 20 "the anchor counts the spoofed packets" query lma counters "sum(c['value'] for c in d if c['name'] == 'packets_dropped_spoofed_source') >= $before + 5"
kill "$watcher" 2>/dev/null || true
wait "$watcher" 2>/dev/null || true
[ "$(tcpdump -r "$work/server.pcap" 2>/dev/null | wc -l)" = 0 ] || fail "a spoofed packet reached the server"
