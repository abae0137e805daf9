#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Internet does not know the site's IPv4 prefix, reaches one forwarded port of it, and nothing else that the firewall
# does not allow; and nothing stays in the packet filter.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

lab_up --wan1 rate=20mbit,delay=15ms --wan2 rate=20mbit,delay=10ms
configure
sed -i -e 's|from: 10.20.0.0/16, length: 24|&, upstream: nat|' \
    -e 's|^  distribution:.*|&\n  upstream: { interface: inet0, port-forwards: [ { protocol: tcp, port: 8080, to: "10.20.0.2:80" } ] }|' \
    "$work/lma.yaml"
sed -i 's|^  distribution:.*|&\n  firewall: { allow: [ { protocol: tcp, port: 80, to: 10.20.0.2 } ] }|' "$work/mag.yaml"
"$PLAIT" check "$work/lma.yaml"
"$PLAIT" check "$work/mag.yaml"
# Without the lab's own route to the site.
in_ns server ip route del default
in_ns server ip route add 192.0.2.0/24 via 192.0.3.1
start_all

# Out: the server sees the anchor.
make_file file 2
download ipv4 file
grep -q '192.0.3.1 .*GET /file' "$work/server.log" || fail "the server does not see the anchor's address"

# In: the forwarded port, and no other.
(cd "$work/www" && exec ip netns exec plait-host python3 -m http.server --bind :: 80) >"$work/host.log" 2>&1 &
host_pid=$!
server_pid="$server_pid $host_pid"
within 10 "the forwarded port is reached" in_ns server curl -sf --max-time 2 -o /dev/null http://192.0.3.1:8080/
address=$(in_ns host ip -6 -o addr show dev eth0 scope global | awk '/2001:db8:56/ { sub("/.*", "", $4); print $4; exit }')
in_ns server ping -6 -c 1 -W 2 "$address" >/dev/null || fail "the host does not answer a ping"
in_ns server curl -sf --max-time 2 -o /dev/null "http://[$address]/" && fail "a connection from outside was not refused"
end "$host_pid"

# Away: neither end leaves anything in the packet filter.
for ns in lma mag; do
    in_ns "$ns" nft list tables | grep -q 'plait-plait0' || fail "plait-$ns has no table of ours while it runs"
done
end "$mag_pid"; mag_pid=''
end "$lma_pid"; lma_pid=''
for ns in lma mag; do
    [ -z "$(in_ns "$ns" nft list ruleset)" ] || fail "plait-$ns is left with rules"
done
