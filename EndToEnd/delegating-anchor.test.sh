#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The anchor is the delegating router (RFC 7148 §3.2.2): a router behind the gateway gets its prefix from there by DHCPv6, through
# the tunnel, and has it only once it is registered. A host behind it is reached over both paths; the prefix stays when gateway
# and anchor are killed, and is free again when it is released. A prefix that is the node's own goes the same way.
# shellcheck source=EndToEnd/routers.sh
. "$(dirname "$0")/routers.sh"
LAN='delegate: { router: anchor }'
LMA_MORE='  delegate: { lease: 10m, dns: ["2001:db8:53::53"] }'
lab_up --wan1 rate=20mbit,delay=5ms --wan2 rate=20mbit,delay=10ms
configure
wide_config 8

registered() { query lma bindings "'$1' in [p for b in d for p in b['delegatedPrefixes']]"; }
not_registered() { query lma bindings "'$1' not in [p for b in d for p in b['delegatedPrefixes']]"; }
# How much each path has carried each way.
carried() { echo "$(octets mag 1 sent) $(octets mag 2 sent) $(octets lma 1 sent) $(octets lma 2 sent)"; }

before=$work/before
router_up
start_lma
imprint mag >"$before"
start_mag
within 15 "both paths are up at the gateway" both_up mag
within 15 "both paths are up at the anchor" both_up lma
within 10 "the router has its own address" host_has_address
site=$(in_ns mag ip -6 -o addr show dev lan0 scope global | grep -o '2001:db8:56[^ ]*')
ip netns exec plait-mag timeout 60 tcpdump -U -ni plait0 -w "$work/relay.pcap" 'udp port 547' 2>/dev/null &
tcpdump_pid=$!
within 5 "the capture has begun" test -s "$work/relay.pcap"

ask_wide
within 20 "the gateway routes a prefix to the router" has_delegated
within 20 "the router has numbered its own LAN" numbered 2001:db8:56
first=$(delegated)
echo "$first" | shows -E '^2001:db8:56[0-9a-f:]*::/56$' || fail "delegated: $first"
registered "$first" >/dev/null || fail "the anchor has not registered $first"
[ "$(in_ns mag ip -6 -o addr show dev lan0 scope global | grep -o '2001:db8:56[^ ]*')" = "$site" ] ||
    fail "the gateway's LAN has other addresses than before"
within 10 "the router is told of the resolver" shows '2001:db8:53::53' "$work/servers"

[ "$(counter mag dhcpv6_held)" -ge 1 ] || fail "no answer has waited for a registration"

# Both ways, over whichever path has room.
number_behind 2001:db8:56
within 10 "a host behind the router reaches the server" reaches
read -r -a old <<<"$(carried)"
in_ns behind ping -6 -q -c 200 -i 0.002 -s 500 2001:db8:ffff::80 >/dev/null || fail "pings are lost"
in_ns server ping -6 -c 1 -W 2 "$behind" >/dev/null || fail "the server does not reach the host behind the router"
read -r -a new <<<"$(carried)"
for way in 0 2; do
    [ $((new[way] + new[way + 1] - old[way] - old[way + 1])) -gt 100000 ] || fail "one way carried nothing: ${old[*]}, then ${new[*]}"
done

# The relayed messages are what others take them for, and lie in the tunnel.
kill "$tcpdump_pid"
wait "$tcpdump_pid" 2>/dev/null || true
types=$(tshark -r "$work/relay.pcap" -T fields -e dhcpv6.msgtype 2>/dev/null | sort -u | tr '\n' ' ')
for expected in 12,1 13,2 12,3 13,7; do echo " $types" | shows " $expected " || fail "relayed: $types"; done
[ -z "$(tshark -r "$work/relay.pcap" -Y '_ws.malformed || _ws.expert.severity >= warn' 2>/dev/null)" ] ||
    fail "tshark objects to relayed messages"

# The gateway is killed: what it had registered it names again, and routes it before the router has asked.
kill -KILL "$mag_pid"
wait "$mag_pid" 2>/dev/null || true
asked=$(sent)
start_mag
within 15 "both paths are up again" both_up mag
same() { [ "$(delegated)" = "$first" ]; }
within 15 "the same prefix is routed again" same
within 10 "the host behind the router reaches the server again" reaches
registered "$first" >/dev/null || fail "the gateway that came back has given $first away"
[ "$(sent)" = "$asked" ] || fail "the router has asked meanwhile: this shows nothing"

# The anchor is killed: it is the session's all the same.
kill -KILL "$lma_pid"
wait "$lma_pid" 2>/dev/null || true
start_lma
within 15 "both paths are up after the anchor's death" both_up lma
within 15 "the host behind the router reaches the server through the new anchor" reaches
registered "$first" >/dev/null || fail "the anchor that came back has lost $first"

# Who goes gives its prefix back, to the anchor.
end_client
within 10 "the route is gone with the release" has_none
within 10 "the anchor has the prefix back" not_registered "$first"
in_ns behind ping -6 -c 1 -W 1 2001:db8:ffff::80 >/dev/null && fail "a released prefix is still routed"

ask_dhcpcd
within 20 "another make of client has a prefix" has_delegated
registered "$(delegated)" >/dev/null || fail "the anchor has not registered $(delegated)"
stop mag
end_client
leaves_nothing mag "$before" || fail "the gateway has left something"

# What the node has to itself is the router's, where the site does not ask for it.
stop lma
DELEGATED=ipv4
configure
node='{ identifier: cpe1@example.net, delegated-prefixes: ["2001:db8:7700::/56"] }'
sed -i "s|mobile-nodes: \[cpe1@example.net\]|mobile-nodes: [$node]|" "$work/lma.yaml"
start_lma
start_mag
within 15 "both paths are up with a prefix of its own" both_up mag
ask_wide
within 20 "the gateway routes the node's own prefix to the router" has_delegated
[ "$(delegated)" = 2001:db8:7700::/56 ] || fail "delegated: $(delegated)"
within 20 "the router has numbered its own LAN from it" numbered 2001:db8:7700:
in_ns mag ip -6 -o addr show dev lan0 scope global | shows 2001:db8:7700: && fail "the LAN is numbered from the router's"
number_behind 2001:db8:7700:
within 10 "a host behind the router with its own prefix reaches the server" reaches
