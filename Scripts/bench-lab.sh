#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One TCP connection through both daemons, beside the same veth pairs without them; prints a Markdown table.
#
#   Scripts/bench-lab.sh [ROUNDS] [SECONDS]     5 rounds of 3 s a measurement
#
#   bench-host ── bench-mag ══ wan1, wan2 (veth, nothing emulated) ══ bench-lma ── bench-server
#
# Each round measures everything once, so that what disturbs the machine disturbs all. Needs root.
set -euo pipefail
cd "$(dirname "$0")/.."
PLAIT=${PLAIT:-$PWD/.build/release/plait}
rounds=${1:-5}
seconds=${2:-3}
names=(host mag lma server)
work=$(mktemp -d)
lma_pid='' mag_pid='' iperf_pid=''

in_ns() { local ns=$1; shift; ip netns exec "bench-$ns" "$@"; }
fail() { echo "bench-lab: $*" >&2; tail -n 20 "$work"/*.log >&2; exit 1; }

end() {
    [ -n "${1:-}" ] || return 0
    kill -TERM "$1" 2>/dev/null || return 0
    for _ in $(seq 100); do kill -0 "$1" 2>/dev/null || return 0; sleep 0.05; done
    kill -KILL "$1" 2>/dev/null || true
}

remove_network() {
    local name
    for name in "${names[@]}"; do ip netns del "bench-$name" 2>/dev/null || true; done
}

cleanup() {
    local status=$?
    set +e
    for pid in $mag_pid $lma_pid $iperf_pid; do end "$pid"; done
    remove_network
    rm -rf "$work"
    exit "$status"
}
trap cleanup EXIT

# cable NAMESPACE INTERFACE NAMESPACE INTERFACE
cable() {
    ip -n "bench-$1" link add "$2" type veth peer name "$4" netns "bench-$3"
    ip -n "bench-$1" link set "$2" up
    ip -n "bench-$3" link set "$4" up
}

# number NAMESPACE INTERFACE ADDRESS…
number() {
    local ns=$1 interface=$2 address
    shift 2
    for address in "$@"; do
        case $address in
            *:*) ip -n "bench-$ns" addr add "$address" dev "$interface" nodad ;;
            *) ip -n "bench-$ns" addr add "$address" dev "$interface" ;;
        esac
    done
}

build_network() {
    local name number ipv6 ipv4
    remove_network
    for name in "${names[@]}"; do
        ip netns add "bench-$name"
        ip -n "bench-$name" link set lo up
        in_ns "$name" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
    done
    cable host eth0 mag lan0
    cable mag wan1 lma core1
    cable mag wan2 lma core2
    cable lma inet0 server eth0
    for number in 1 2; do
        ipv6=2001:db8:a$number:: ipv4=198.51.10$number.
        number mag "wan$number" "${ipv6}2/64" "${ipv4}2/24"
        number lma "core$number" "${ipv6}1/64" "${ipv4}1/24"
        ip -n bench-mag -6 route add default via "${ipv6}1" dev "wan$number" metric "${number}00"
        ip -n bench-mag route add default via "${ipv4}1" dev "wan$number" metric "${number}00"
    done
    number lma lo 2001:db8:100::1/128 192.0.2.1/32
    number lma inet0 192.0.3.1/24
    number server eth0 192.0.3.80/24
    ip -n bench-server route add default via 192.0.3.1
    # Of the site there are two: 10.20.0.0/24 behind the daemons, 10.30.0.0/24 routed by the kernels alone.
    number host eth0 10.20.0.2/24 10.30.0.2/24
    number mag lan0 10.30.0.1/24
    ip -n bench-host route add 192.0.3.0/24 via 10.20.0.1
    ip -n bench-host route add 192.0.3.0/24 via 10.30.0.1 table 30
    ip -n bench-host rule add from 10.30.0.2 table 30
    ip -n bench-lma route add 10.30.0.0/24 via 198.51.101.2
}

# offload on|off: whether super-packets cross the WANs whole, as no real line lets them.
offload() {
    local number
    for number in 1 2; do
        in_ns mag ethtool -K "wan$number" tso "$1" gso "$1" gro "$1" >/dev/null 2>&1 || true
        in_ns lma ethtool -K "core$number" tso "$1" gso "$1" gro "$1" >/dev/null 2>&1 || true
    done
}

# configure FAMILY PATHS MODE
configure() {
    local family=$1 paths=$2 mode=$3 number
    cat >"$work/lma.yaml" <<YAML
lma:
  name: lma1
  addresses: { ipv6: "2001:db8:100::1", ipv4: 192.0.2.1 }
  pools:
    home-network-prefixes: { from: "2001:db8:1234::/48", length: 64 }
    delegated-ipv4-prefixes: { from: 10.20.0.0/16, length: 24 }
  distribution: { mode: $mode }
  gateways:
    - identifier: mag1@example.net
      mobile-nodes: [cpe1@example.net]
      authentication: { spi: 256, key: 000102030405060708090a0b0c0d0e0f, algorithm: hmac-sha256-128 }
  management: { socket: $work/lma.sock }
YAML
    cat >"$work/mag.yaml" <<YAML
mag:
  identifier: mag1@example.net
  anchor:
    addresses: { ipv6: "2001:db8:100::1", ipv4: 192.0.2.1 }
    authentication: { spi: 256, key: 000102030405060708090a0b0c0d0e0f, algorithm: hmac-sha256-128 }
  mobile-node: { identifier: cpe1@example.net, delegated-prefixes: [ipv4] }
  lan: { interface: lan0 }
  distribution: { mode: $mode }
  management: { socket: $work/mag.sock }
  wans:
YAML
    for number in $(seq "$paths"); do
        echo "    - { interface: wan$number, binding-identifier: $number, label: $number," \
            "access-technology: ethernet, family: $family }" >>"$work/mag.yaml"
    done
}

up_paths() {
    "$PLAIT" show paths --json --socket "$work/mag.sock" 2>/dev/null |
        python3 -c 'import json, sys; print(sum(p["condition"] == "up" for p in json.load(sys.stdin)))' 2>/dev/null
}

# start PATHS
start() {
    ip netns exec bench-lma "$PLAIT" lma run --config "$work/lma.yaml" >>"$work/lma.log" 2>&1 &
    lma_pid=$!
    ip netns exec bench-mag "$PLAIT" mag run --config "$work/mag.yaml" >>"$work/mag.log" 2>&1 &
    mag_pid=$!
    for _ in $(seq 200); do
        if [ "$(up_paths)" = "$1" ] && in_ns host ping -c 1 -W 1 -I 10.20.0.2 192.0.3.80 >/dev/null 2>&1; then return; fi
        if ! kill -0 "$lma_pid" "$mag_pid" 2>/dev/null; then fail "a daemon has ended"; fi
        sleep 0.05
    done
    fail "the paths are not up"
}

stop() {
    for pid in $mag_pid $lma_pid; do end "$pid"; done
    mag_pid='' lma_pid=''
}

# Ticks of processor time that the daemons have used.
ticks() {
    local total=0 pid own
    for pid in $mag_pid $lma_pid; do
        own=$(sed 's/.*) //' "/proc/$pid/stat" | awk '{ print $12 + $13 }')
        total=$((total + own))
    done
    echo "$total"
}

# measure VARIANT NAMESPACE SERVER SOURCE: a line of results with and without offload
measure() {
    local state before result
    for state in on off; do
        offload "$state"
        before=$(ticks)
        result=$(in_ns "$2" iperf3 -c "$3" -B "$4" -t "$seconds" -O 1 -J --connect-timeout 3000) || fail "$1: iperf3"
        printf '%s\t%s\t%s\t%s\n' "$1" "$state" \
            "$(python3 -c 'import json, sys; print(json.load(sys.stdin)["end"]["sum_received"]["bits_per_second"])' \
                <<<"$result")" \
            "$(awk -v ticks="$(($(ticks) - before))" -v seconds="$((seconds + 1))" -v hertz="$(getconf CLK_TCK)" \
                'BEGIN { print 100 * ticks / hertz / seconds }')" >>"$work/results"
    done
}

build_network
# One server for all: it listens in the anchor's namespace and in the server's.
in_ns server iperf3 -s >"$work/iperf3.log" 2>&1 &
iperf_pid=$!
in_ns lma iperf3 -s >"$work/iperf3-lma.log" 2>&1 &
iperf_pid="$iperf_pid $!"
for _ in $(seq "$rounds"); do
    measure "veth pair alone" mag 198.51.101.1 198.51.101.2
    measure "kernel forwarding, no tunnel" host 192.0.3.80 10.30.0.2
    for tunnel in "ipv6 GRE over IPv6" "ipv4 UDP over IPv4"; do
        for way in "1 per-flow" "2 per-flow" "2 per-packet"; do
            read -r family name <<<"$tunnel"
            read -r paths mode <<<"$way"
            configure "$family" "$paths" "$mode"
            start "$paths"
            measure "$name, $paths path$([ "$paths" = 1 ] || echo s), ${mode/-/ }" host 192.0.3.80 10.20.0.2
            stop
        done
    done
done

python3 - "$work/results" "$rounds" "$seconds" <<'PYTHON'
import statistics, sys
path, rounds, seconds = sys.argv[1:]
results = {}
for line in open(path):
    name, state, rate, share = line.rstrip("\n").split("\t")
    results.setdefault((state, name), []).append((float(rate) / 1e9, float(share)))
for state, title in (("on", "super-packets cross the WANs whole"), ("off", "packets of the MTU's size on the WANs")):
    print(f"### One TCP connection, {title} (`ethtool -K … tso {state} gso {state} gro {state}`),"
          f" {rounds} rounds of {seconds} s\n")
    print("| what | Gbit/s | of the veth pair | of kernel forwarding | daemons' processor time, % of one core |")
    print("|---|---:|---:|---:|---:|")
    names = [name for kind, name in results if kind == state]
    for name in names:
        rates = [rate for rate, _ in results[state, name]]
        ratios = [
            statistics.median(mine / theirs for mine, (theirs, _) in zip(rates, results[state, base]))
            for base in names[:2]
        ]
        share = statistics.median(share for _, share in results[state, name])
        print(f"| {name} | {statistics.median(rates):.2f} [{min(rates):.2f}–{max(rates):.2f}]"
              f" | {ratios[0]:.2f} | {ratios[1]:.2f} | {share:.0f} |")
    print()
PYTHON
