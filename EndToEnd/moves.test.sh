#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A host walks from one gateway's access link to another's (RFC 5213 §6.9.1.1): its cable is replugged and nothing else, in
# the middle of TCP transfers and calls. It keeps its addresses, all goes on, and nothing of it passes the old gateway any
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
ip netns exec plait-node1 iperf3 -c 2001:db8:ffff::80 -t 5 -i 1 --forceflush >"$work/transfer" 2>&1 &
transfer=$!
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
# The seconds are how long it stays at each: some of the transfer has to pass every one of them.
for way in "" -R; do
    # shellcheck disable=SC2086 # No word, or one.
    ip netns exec plait-node1 iperf3 -c 2001:db8:ffff::80 $way -C cubic -t 5 -J >"$work/transfer$way" 2>&1 &
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

# A call, which needs the new gateway within a second, and within a tenth of one if that was told before: whoever knows where
# a node is about to go does so (`plait attach`). How long it takes is printed; ten times the goal is a failure.
# accepted GATEWAY: when it was told first that the node is registered, in seconds.
accepted() { sed -n 's/ .*mobility: BA status=0 .*//p' "$work/$1.signals" | sed -n 1p; }
# call_during TO FROM GAP [prepared]
call_during() {
    local new=$1 old=$2 call
    within 10 "$new has forgotten the node" eval "! query $new bindings d"
    : >"$work/$old.calls"
    : >"$work/$new.signals"
    ip netns exec "plait-$old" tcpdump -i plait0 -tt -nn -U -l 'udp src port 5004' >"$work/$old.calls" 2>/dev/null &
    local calls=$!
    ip netns exec "plait-$new" tcpdump -i wan1 -tt -nn -l 'ip6 proto 135' >"$work/$new.signals" 2>/dev/null &
    watchers+=("$calls" $!)
    python3 "$(dirname "$0")/voice.py" plait-node1 plait-server 2001:db8:ffff::80 3.5 "$3" >"$work/call" 2>&1 &
    call=$!
    within 3 "the node hears the server" eval "[ \$(wc -l <'$work/$old.calls') -gt 20 ]"
    [ -z "${4:-}" ] || "$PLAIT" attach phone@nodes.example.net --socket "$work/$new.sock" >/dev/null
    plug_node 1 "$new"
    within 10 "the node is registered at $new" registered "$new" phone
    within 10 "and at $old no more" eval "! registered $old phone"
    wait "$call" || fail "the call broke: $(cat "$work/call")"
    sed "s/\$/, moving to $new${4:+, prepared}/" "$work/call"
    within 5 "the acceptance was seen" eval "[ -n \"\$(accepted $new)\" ]"
    # What was under way from the anchor may arrive within a way's time.
    awk -v since="$(accepted "$new")" '{ last = $1; if ($1 > since + 0.1) late++ }
        END { printf "measured: the old gateway brought its last packet of the call %.0f ms after the new one was accepted\n",
              (last - since) * 1000; exit late > 0 }' "$work/$old.calls" ||
        fail "$old brought packets of the call after $new was told that the node is registered"
    [ "$(node_ipv6 1)" = "$address" ] || fail "the node had $address and has $(node_ipv6 1) after a move"
}
add_panel 1 mag mag2
# The second site's lines are plain cables; those of the first have 5 ms each way, which each question to the anchor costs.
call_during mag2 mag 10
call_during mag mag2 10
call_during mag2 mag 1 prepared
call_during mag mag2 1 prepared
stop mag2
stop mag
