#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the Internet side knows of a site: its own addresses as neighbours (on-link), nothing at all (nat, with port
# forwards), or a route; an IPv4 home address with private addresses behind it. Connections that begin outside are refused
# unless the gateway's configuration says otherwise. Nothing of all this stays.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"

host_server_pid=''
serve_from_host() {
    (cd "$work/www" && exec ip netns exec plait-host python3 -m http.server --bind :: 80) >"$work/host-server.log" 2>&1 &
    host_server_pid=$!
    within 30 "the host serves" in_ns host curl -sf -o /dev/null http://127.0.0.1/
}
# fetch URL: from the server's side, compared.
fetch() { in_ns server curl -sS -f -g --connect-timeout 2 --max-time 20 -o "$work/got" "$1" && cmp "$work/www/a" "$work/got"; }
client_was() { grep -q "^\\(::ffff:\\)\\?$1 " "$work/server.log"; }

begin() {
    start_all
    make_file a 1
    serve_from_host
    host6=$(host_ipv6 host)
}
finish() {
    end "$host_server_pid"; host_server_pid=''
    end "$server_pid"; server_pid=''
    stop mag
    stop lma
    for namespace in mag lma; do
        leaves_nothing $namespace "$work/$namespace.before" || fail "the daemon left something in $namespace"
    done
}

UPSTREAM='  upstream: { interface: inet0 }'
links=(--wan1 delay=3ms --wan2 delay=3ms)
lab_up --server-on-link "${links[@]}"
for namespace in mag lma; do imprint $namespace >"$work/$namespace.before"; done

# on-link: the server takes the pools for its own link and asks for neighbours there.
in_ns server ip -6 route add 2001:db8:1234::/48 dev eth0
in_ns server ip -6 route add 2001:db8:5600::/40 dev eth0
in_ns server ip route add 10.20.0.0/16 dev eth0
PREFIX_UPSTREAM=on-link IPV4_UPSTREAM=on-link LMA_MORE=$UPSTREAM
configure
begin
download ipv6 a
download ipv4 a
# Inbound: refused by default, echo requests excepted (RFC 6092).
within 20 "an echo request comes in" in_ns server ping -6 -q -c 1 -W 1 "$host6"
for url in "http://[$host6]/a" http://10.20.0.2/a; do
    fetch "$url" 2>/dev/null && fail "a connection from outside came in: $url"
done
# Nobody answers for addresses that no site has.
in_ns server ping -4 -q -c 1 -W 1 10.20.77.1 >/dev/null && fail "an address that nobody has answers"
in_ns server ip neigh show 10.20.77.1 | shows lladdr && fail "the anchor answers for an address that no site has"
stop mag
# Opened by configuration, the same site is reached.
MAG_MORE='  firewall: { inbound: allow }'
configure
start_mag
within 30 "both paths are up" both_up mag
number_host
for url in "http://[$host6]/a" http://10.20.0.2/a; do
    within 20 "a connection from outside comes in where it is allowed: $url" fetch "$url"
done
finish
in_ns server ip -6 route del 2001:db8:1234::/48 dev eth0
in_ns server ip -6 route del 2001:db8:5600::/40 dev eth0
in_ns server ip route del 10.20.0.0/16 dev eth0

# nat: the server sees the anchor's addresses; a forwarded port of both leads to the host, which the gateway lets in.
PREFIX_UPSTREAM=nat IPV4_UPSTREAM=nat
LMA_MORE='  upstream:
    interface: inet0
    port-forwards: [ { protocol: tcp, port: 8080, to: "10.20.0.2:80" } ]'
MAG_MORE='  firewall: { inbound: refuse, allow: [ { protocol: tcp, port: 80 } ] }'
configure
begin
download ipv6 a
download ipv4 a
client_was 192.0.3.1 || fail "the server saw another IPv4 address than the anchor's"
client_was 2001:db8:ffff::1 || fail "the server saw another IPv6 address than the anchor's"
within 20 "the forwarded port leads to the host" fetch http://192.0.3.1:8080/a
fetch http://192.0.3.1:8081/a 2>/dev/null && fail "a port that is not forwarded leads somewhere"
finish

# An IPv4 home address, and private addresses for the hosts behind it; routed, then hidden.
DELEGATED=ipv6 MOBILE_NODE='ipv4-home-address: true' LAN='ipv4: 192.168.77.1/24' MAG_MORE=''
HOST_IPV4=192.168.77.2/24 HOST_ROUTER=192.168.77.1
for way in routed nat; do
    PREFIX_UPSTREAM=$way IPV4_UPSTREAM=''
    POOLS="    ipv4-home-addresses: { from: 10.9.0.0/24, upstream: $way }"
    LMA_MORE=$UPSTREAM
    server_options=(--server-on-link)
    [ $way = routed ] && server_options=()
    lab_up "${server_options[@]}" "${links[@]}"
    for namespace in mag lma; do imprint $namespace >"$work/$namespace.before"; done
    configure
    begin
    download ipv6 a
    download ipv4 a
    seen=192.0.3.1
    [ $way = routed ] && seen=10.9.0
    grep -q "^\\(::ffff:\\)\\?$seen" "$work/server.log" || fail "the server saw another address than $seen"
    grep -q '192.168.77' "$work/server.log" && fail "the server saw a private address"
    fetch http://10.9.0.1/a 2>/dev/null && fail "a connection from outside came in to the home address"
    finish
    "$PLAIT" lab exec host -- ip addr del 192.168.77.2/24 dev eth0
done
echo "upstream: all as it should be"
