#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A host walks from one gateway's access link to another's (RFC 5213 §6.9.1.1): its cable is replugged and nothing else, in
# the middle of a TCP transfer. It keeps its addresses, the transfer goes on, and nothing of it passes the old gateway any
# more. Both gateways bond two access networks.
# shellcheck source=EndToEnd/library.sh
. "$(dirname "$0")/library.sh"
# shellcheck source=EndToEnd/nodes.sh
. "$(dirname "$0")/nodes.sh"
watchers=()
lab_up --sites 2 --wan1 rate=50mbit,delay=5ms --wan2 rate=50mbit,delay=5ms
configure
configure_nodes "$work/mag.yaml"
configure_nodes "$work/mag2.yaml"
# The firewall that gateways have unless told otherwise.
sed -i '/^  firewall:/d' "$work/mag.yaml" "$work/mag2.yaml"
permit_nodes
write_dhclient_script
add_access mag
add_access mag2
start_lma
start_mag
start_mag2
add_node 1 mag
within 15 "the node has an address" has_ipv6 1
start_dhclient 1
within 15 "the node is given its home address" test -s "$work/dhclient"
address=$(node_ipv6 1)
home=$(sed -n '1s/BOUND \([^ ]*\) .*/\1/p' "$work/dhclient")
within 15 "both paths are up at the first gateway" both_up mag
within 10 "the server is reached" in_ns node1 ping -6 -c 1 -W 1 2001:db8:ffff::80

for gateway in mag mag2; do
    ip netns exec plait-$gateway tcpdump -i plait0 -tt -nn -l "host $address or host $home" >"$work/$gateway.seen" 2>/dev/null &
    watchers+=($!)
done
ip netns exec plait-server iperf3 -s >"$work/iperf3.log" 2>&1 &
server_pid=$!
within 15 "iperf3 listens" eval 'in_ns server ss -ltn | shows ":5201 "'
ip netns exec plait-node1 iperf3 -c 2001:db8:ffff::80 -t 9 -i 1 --forceflush >"$work/transfer" 2>&1 &
transfer=$!
ip netns exec plait-node1 ping -6 -D -i 0.02 -w 9 2001:db8:ffff::80 >"$work/ping" 2>&1 &
watchers+=($!)
# longest_gap FILE SECONDS: between two answers; more than so many seconds are a failure.
longest_gap() {
    python3 - "$@" <<'PY'
import re, sys
times = [float(m.group(1)) for m in re.finditer(r"\[(\d+\.\d+)\] \d+ bytes from", open(sys.argv[1]).read())]
gap = max(b - a for a, b in zip(times, times[1:]))
print(f"measured: {len(times)} echoes, the longest gap {gap * 1000:.0f} ms")
sys.exit(0 if gap < float(sys.argv[2]) else 1)
PY
}
# walk FROM TO
walk() {
    move_node 1 "$1" "$2"
    within 10 "the node is registered at $2" registered "$2" phone
    within 10 "and at $1 no more" eval "! registered $1 phone"
}
within 10 "the transfer runs" eval "[ \$(wc -l <'$work/mag.seen') -gt 200 ]"
walk mag mag2
within 10 "the transfer goes on" eval "[ \$(wc -l <'$work/mag2.seen') -gt 200 ]"
wait "$transfer" || fail "the transfer broke: $(tail -n 3 "$work/transfer")"
grep -E 'sender|receiver' "$work/transfer" | sed 's/^/measured: /'
longest_gap "$work/ping" 3
[ "$(node_ipv6 1)" = "$address" ] || fail "the node had $address and has $(node_ipv6 1)"
# What was under way from the anchor may arrive within a way's time.
first=$(sed -n '1s/ .*//p' "$work/mag2.seen")
last=$(sed -n '$s/ .*//p' "$work/mag.seen")
python3 -c "import sys; print(f'measured: the old gateway carried its last packet {($last - $first) * 1000:.0f} ms after the new one its first'); sys.exit(0 if $last - $first < 0.1 else 1)" ||
    fail "the old gateway carried packets of the node after the new one had it"

# RFC 5844 §3.4.3: the lease is good at the new gateway.
within 10 "the server reaches $home" in_ns server ping -4 -c 1 -W 1 "$home"
# And back, while nobody waits for it.
within 10 "the old gateway has forgotten the node" eval "! query mag bindings d"
walk mag2 mag
within 10 "the server reaches $address" in_ns server ping -6 -c 1 -W 1 "$address"
[ "$(node_ipv6 1)" = "$address" ] || fail "the node had $address and has $(node_ipv6 1) after it came back"

# There and back in the middle of a connection, behind the firewall: the second gateway has not seen it begin, and the first
# remembers an earlier part of it. In a download the node has nothing to say of itself.
for way in "" -R; do
    # shellcheck disable=SC2086 # No word, or one.
    ip netns exec plait-node1 iperf3 -c 2001:db8:ffff::80 $way -C cubic -t 7 -J >"$work/transfer$way" 2>&1 &
    transfer=$!
    within 10 "the transfer $way runs" eval "[ \$(octets mag 1 sent) -gt 0 ]"
    sleep 1
    walk mag mag2
    sleep 1
    walk mag2 mag
    wait "$transfer" || fail "the transfer $way broke: $(tail -n 3 "$work/transfer$way")"
    python3 - "$work/transfer$way" <<'PY' || fail "the transfer $way did not go on"
import json, sys
rates = [i["sum"]["bits_per_second"] / 1e6 for i in json.load(open(sys.argv[1]))["intervals"]]
print("measured: Mbit/s in each second of a transfer there and back:", " ".join(f"{rate:.0f}" for rate in rates))
sys.exit(0 if rates[-1] > 1 else 1)
PY
done

# Prepared: whoever knows where the node is about to go tells the new gateway first. What arrives finds its way in place.
within 10 "the other gateway has forgotten the node" eval "! query mag2 bindings d"
ip netns exec plait-node1 ping -6 -D -i 0.01 -w 4 2001:db8:ffff::80 >"$work/ping.prepared" 2>&1 &
pings=$!
within 10 "pings are answered" eval "[ \$(grep -c 'bytes from' '$work/ping.prepared') -gt 50 ]"
"$PLAIT" attach phone@nodes.example.net --socket "$work/mag2.sock"
walk mag mag2
wait "$pings" || fail "no ping was answered"
echo "prepared:"
longest_gap "$work/ping.prepared" 1
[ "$(node_ipv6 1)" = "$address" ] || fail "the node had $address and has $(node_ipv6 1) after a prepared move"
stop mag2
stop mag
