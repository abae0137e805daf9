#!/usr/bin/env bash
. "$(dirname "$0")/library.sh"
. "$(dirname "$0")/nodes.sh"
watchers=()
lab_up --sites 2 --wan1 rate=25mbit,delay=10ms,queue=60ms --wan2 rate=25mbit,delay=10ms,queue=60ms
configure
configure_nodes "$work/mag.yaml"
configure_nodes "$work/mag2.yaml"
permit_nodes
add_access mag
add_access mag2
start_lma
start_mag
start_mag2
add_node 1 mag
within 15 "the node has an address" has_ipv6 1
within 15 "both paths are up at the first gateway" both_up mag
within 10 "the server is reached" in_ns node1 ping -6 -c 1 -W 1 2001:db8:ffff::80
ip netns exec plait-server iperf3 -s >"$work/iperf3.log" 2>&1 &
server_pid=$!
sleep 1
ip netns exec plait-node1 iperf3 -c 2001:db8:ffff::80 -t 16 -i 1 --forceflush >"$work/transfer" 2>&1 &
t=$!
sleep 4; move_node 1 mag mag2; sleep 4; move_node 1 mag2 mag; sleep 2
in_ns node1 ss -tin
in_ns node1 ping -6 -c 3 -i 0.2 -W 1 -s 1200 2001:db8:ffff::80 | tail -2
in_ns node1 ping -6 -c 3 -i 0.2 -W 1 -s 1380 2001:db8:ffff::80 | tail -2
in_ns node1 ip -6 route; in_ns node1 ip -6 route get 2001:db8:ffff::80
in_ns server ip -6 route get "$(node_ipv6 1)"
sleep 1; in_ns node1 ss -tin; timeout 2 ip netns exec plait-mag tcpdump -ni plait0 -c 12 tcp 2>/dev/null
query mag counters "[(c['name'], c['value']) for c in d if c['value']]"
query lma counters "[(c['name'], c['value']) for c in d if c['value']]"
wait $t; cat "$work/transfer"
