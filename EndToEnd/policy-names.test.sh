#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Rules that call hosts by name: a host of the site by its link-layer address and by the name that it says when it asks for an
# address, and what the site's hosts were told of a name by a name server beyond the tunnel.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"
watchers=()
LAN='dhcp: { lease: 2m }'

lab_up --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
mac=$(in_ns host cat /sys/class/net/eth0/address)
MAG_MORE="  policy:
    - { name: video, match: { domain: \"*.video.example\" }, pin: 9 }
    - { name: terminal, match: { terminal: \"$mac\", protocol: icmp }, pin: 11 }
    - { name: storage, match: { terminal: nas }, pin: 9 }"
configure
start_all
# The host has spoken: its addresses are known.
bindings() { query mag policy "[len(r['flowIdentifiers']) for r in d if r['rule'] == '$1'][0] $2"; }
within 20 "the terminal's addresses are known" bindings terminal '>= 2'
bindings storage '== 0' || fail "a name that nobody has matches something"
bindings video '== 0' || fail "a name that nobody has asked for matches something"
query mag policy "[r['state'] for r in d if r['rule'] == 'storage'] == ['matches nothing yet']" || fail "that is not told"
explain() { "$PLAIT" explain "$1" --json --socket "$work/mag.sock" | shows "\"rule\" : \"$2\""; }
explain "icmp $(host_ipv6 host) > 2001:db8:ffff::80" terminal || fail "the terminal's IPv6 packets do not match"
explain "icmp 10.20.0.2 > 192.0.3.80" terminal || fail "the terminal's IPv4 packets do not match"
if explain "icmp 10.20.0.77 > 192.0.3.80" terminal; then fail "another host's packets match"; fi

# A name server that answers everything with an alias and the server's two addresses.
ip netns exec plait-server python3 - <<'PY' &
import socket
with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as server:
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    server.bind(("::", 53))
    while True:
        query, sender = server.recvfrom(512)
        end = 12
        while query[end]: end += 1 + query[end]
        alias = b"\x04edge\x03cdn\x07example\x00"
        records = b"\xc0\x0c\0\x05\0\x01\0\0\0\x3c" + len(alias).to_bytes(2, "big") + alias
        records += alias + b"\0\x01\0\x01\0\0\0\x3c\0\x04" + socket.inet_aton("192.0.3.80")
        records += alias + b"\0\x1c\0\x01\0\0\0\x3c\0\x10" + socket.inet_pton(socket.AF_INET6, "2001:db8:ffff::80")
        header = query[:2] + b"\x81\x80\0\x01\0\x03\0\0\0\0"
        server.sendto(header + query[12:end + 5] + records, sender)
PY
watchers+=($!)
within 20 "the name server is there" eval 'in_ns server ss -lun | shows ":53 "'
ask() {
    in_ns host python3 - "$1" "$2" <<'PY'
import socket, sys
name = b"".join(bytes([len(label)]) + label.encode() for label in sys.argv[2].split(".")) + b"\0"
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
with socket.socket(family, socket.SOCK_DGRAM) as client:
    client.settimeout(2)
    client.sendto(b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0" + name + b"\0\x01\0\x01", (sys.argv[1], 53))
    client.recv(512)
PY
}
within 20 "the name server answers" ask 192.0.3.80 other.example
bindings video '== 0' || fail "an answer about another name is taken"
# What nobody asked for is not believed: it comes ahead of what is, and would have been learnt by then.
in_ns server python3 -c '
import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as forger:
    forger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    forger.bind(("192.0.3.80", 53))
    name = b"\x01x\x05video\x07example\0"
    forger.sendto(b"\x12\x34\x81\x80\0\x01\0\x01\0\0\0\0" + name + b"\0\x01\0\x01\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\3\x63", ("10.20.0.2", 4711))
'
within 20 "the name server answers" ask 2001:db8:ffff::80 www.Video.example
within 10 "the name's addresses are known" bindings video '== 2'
explain "tcp 10.20.0.2:40000 > 192.0.3.80:80" video || fail "packets to the name's IPv4 address do not match"
explain "tcp [$(host_ipv6 host)]:40000 > [2001:db8:ffff::80]:80" video || fail "packets to its IPv6 address do not match"
make_file a 4
before=$(octets mag 1 received)
download ipv6 a
[ $(($(octets mag 1 received) - before)) -lt 1000000 ] || fail "the download did not go over label 9"

# The host says a name of its own by DHCP: its addresses match then.
in_ns host busybox udhcpc -i eth0 -n -q -f -t 10 -T 1 -x hostname:NAS -s /bin/true >"$work/udhcpc.log" 2>&1 ||
    fail "udhcpc was given no address: $(cat "$work/udhcpc.log")"
within 20 "the name that the host says is known" bindings storage '>= 2'
query mag policy "[r['state'] for r in d if r['rule'] == 'storage'] == ['agreed']" || fail "the rule is not agreed"
