# SPDX-License-Identifier: Apache-2.0
"""The lab's network with all ways from the site to the server that the benchmark compares, and the daemons.

    plait-host ── plait-mag ══ wan1, wan2 (emulated) ══ plait-lma ── plait-server
      10.20.0.2   through our tunnel
      10.30.0.2   routed by the kernels: over one line, by ECMP, or sprayed
      10.31.0.2 and 10.32.0.2, one for each line: MPTCP"""
import json
import math
import os
import subprocess
import time

from .run import Host, change_line

KEY = "000102030405060708090a0b0c0d0e0f"
ROUTERS = {1: ("198.51.100.", "198.18.1."), 2: ("203.0.113.", "198.18.2.")}


def command(text, *, isQuiet=False):
    done = subprocess.run(text.split(), capture_output=True, text=True)
    if done.returncode and not isQuiet:
        raise RuntimeError(f"{text}: {done.stderr or done.stdout}")
    return done.stdout


def ip(node, text, **more):
    return command(f"ip -n plait-{node} {text}", **more)


def within(node, text, **more):
    return command(f"ip netns exec plait-{node} {text}", **more)


class Network:
    server = Host("plait-server", "192.0.3.80")
    isMultipath = False

    def __init__(self, plait, directory):
        self.plait, self.directory, self.daemons = plait, directory, []
        command(f"{plait} lab down", isQuiet=True)
        command(f"{plait} lab up")
        for node in ("host", "server"):
            within(node, "sysctl -qw net.ipv4.tcp_no_metrics_save=1")
            subprocess.run(
                ["ip", "netns", "exec", f"plait-{node}", "sysctl", "-qw", "net.ipv4.tcp_rmem=4096 131072 33554432",
                 "net.ipv4.tcp_wmem=4096 65536 33554432"], check=True,
            )
        for node in ("mag", "lma", "wan1", "wan2", "host"):
            within(node, "sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0")
            within(node, "sysctl -qw net.ipv4.fib_multipath_hash_policy=1")
        self.number()
        self.route()

    def number(self):
        ip("host", "addr add 10.20.0.2/24 dev eth0")
        ip("host", "route replace default via 10.20.0.1 onlink dev eth0")
        for site in (30, 31, 32):
            ip("host", f"addr add 10.{site}.0.2/24 dev eth0")
            ip("host", f"route add default via 10.{site}.0.1 dev eth0 table {site}")
            ip("host", f"rule add from 10.{site}.0.2 table {site}")
            ip("mag", f"addr add 10.{site}.0.1/24 dev lan0")
        within("host", "ip mptcp limits set subflow 2 add_addr_accepted 2")
        within("host", "ip mptcp endpoint add 10.32.0.2 dev eth0 subflow")
        within("server", "ip mptcp limits set subflow 2 add_addr_accepted 2")

    def route(self):
        for number, (access, core) in ROUTERS.items():
            for site in (30, 30 + number):
                ip(f"wan{number}", f"route replace 10.{site}.0.0/24 via {access}2")
            ip(f"wan{number}", f"route replace 192.0.3.0/24 via {core}2")
            # One table for each line, at both of its ends.
            ip("mag", f"route add default via {access}1 dev wan{number} table {40 + number}")
            ip("lma", f"route add default via {core}1 dev core{number} table {40 + number}")
            ip("mag", f"rule add from 10.{30 + number}.0.0/24 table {40 + number} pref {100 + number}")
            ip("lma", f"rule add iif inet0 to 10.{30 + number}.0.0/24 table {40 + number} pref {100 + number}")

    def close(self):
        self.stop()
        command(f"{self.plait} lab down", isQuiet=True)

    # The ways

    def use(self, way, links, rates):
        """Makes the way ready; returns the site's host on it."""
        for number, link in enumerate(links, 1):
            change_line(number, link["settings"] + " reordering=off")
        self.isMultipath = way == "mptcp"
        self.stop()
        self.clear_routes()
        if way.startswith("ours"):
            self.start("per-packet" if way == "ours-per-packet" else "automatic", rates)
            return Host("plait-host", "10.20.0.2")
        if way == "mptcp":
            return Host("plait-host", "10.31.0.2")
        if way.startswith("line"):
            self.route_over(int(way[4:]))
        elif way == "ecmp":
            self.route_over_both(links)
        else:
            self.spray(links)
        return Host("plait-host", "10.30.0.2")

    def clear_routes(self):
        for node in ("mag", "lma"):
            for preference in (200, 201, 202):
                ip(node, f"rule del pref {preference}", isQuiet=True)
            ip(node, "route flush table 50", isQuiet=True)
            within(node, "nft delete table ip spray", isQuiet=True)

    def route_over(self, number):
        ip("mag", f"rule add from 10.30.0.0/24 table {40 + number} pref 200")
        ip("lma", f"rule add iif inet0 to 10.30.0.0/24 table {40 + number} pref 200")

    def route_over_both(self, links):
        weights = self.weights(links)
        for node, side in (("mag", 0), ("lma", 1)):
            device = "wan" if node == "mag" else "core"
            hops = " ".join(
                f"nexthop via {ROUTERS[number][side]}1 dev {device}{number} weight {weights[number - 1]}"
                for number in ROUTERS
            )
            ip(node, f"route replace default table 50 {hops}")
        ip("mag", "rule add from 10.30.0.0/24 table 50 pref 200")
        ip("lma", "rule add iif inet0 to 10.30.0.0/24 table 50 pref 200")

    def spray(self, links):
        weights = self.weights(links)
        turns = []
        credit = [0.0, 0.0]
        for _ in range(sum(weights)):
            credit = [has + weight for has, weight in zip(credit, weights)]
            line = credit.index(max(credit))
            credit[line] -= sum(weights)
            turns.append(line + 1)
        lines = ", ".join(f"{turn} : {line}" for turn, line in enumerate(turns))
        for node, match in (("mag", "ip saddr 10.30.0.0/24"), ("lma", "ip daddr 10.30.0.0/24")):
            rules = (
                "table ip spray {\nchain pre {\ntype filter hook prerouting priority mangle\n"
                f"{match} meta mark set numgen inc mod {len(turns)} map {{ {lines} }}\n}}\n}}\n"
            )
            subprocess.run(["ip", "netns", "exec", f"plait-{node}", "nft", "-f", "-"], input=rules, text=True, check=True)
            for number in ROUTERS:
                ends = "from 10.30.0.0/24" if node == "mag" else "iif inet0 to 10.30.0.0/24"
                ip(node, f"rule add {ends} fwmark {number} table {40 + number} pref {200 + number}")

    @staticmethod
    def weights(links):
        """Small integers in the relation of the rates."""
        rates = [round(link["rate"] / 1e6) for link in links]
        return [rate // math.gcd(*rates) for rate in rates]

    # The daemons

    def start(self, mode, rates):
        """Rates in bits per second by line; None: not configured."""
        files = {name: f"{self.directory}/{name}" for name in ("lma.yaml", "mag.yaml", "lma.sock", "mag.sock")}
        down = ", rates: { 1: %dkbit, 2: %dkbit }" % tuple(rate // 1000 for rate in rates) if rates else ""
        with open(files["lma.yaml"], "w") as file:
            file.write(f"""lma:
  name: lma1
  addresses: {{ ipv6: "2001:db8:100::1", ipv4: 192.0.2.1 }}
  pools:
    home-network-prefixes: {{ from: "2001:db8:1234::/48", length: 64 }}
    delegated-ipv4-prefixes: {{ from: 10.20.0.0/16, length: 24 }}
  distribution: {{ mode: {mode}{down} }}
  gateways:
    - identifier: mag1@example.net
      mobile-nodes: [cpe1@example.net]
      authentication: {{ spi: 256, key: {KEY}, algorithm: hmac-sha256-128 }}
  management: {{ socket: {files["lma.sock"]} }}
  store: memory
""")
        wans = "".join(
            f"    - {{ interface: wan{number}, binding-identifier: {number}, label: {number}, access-technology: ethernet, "
            f"family: ipv4, encapsulation: gre{f', uplink-rate: {int(rates[number - 1] // 1000)}kbit' if rates else ''} }}\n"
            for number in ROUTERS
        )
        with open(files["mag.yaml"], "w") as file:
            file.write(f"""mag:
  identifier: mag1@example.net
  anchor:
    addresses: {{ ipv6: "2001:db8:100::1", ipv4: 192.0.2.1 }}
    authentication: {{ spi: 256, key: {KEY}, algorithm: hmac-sha256-128 }}
  mobile-node: {{ identifier: cpe1@example.net, delegated-prefixes: [ipv4] }}
  lan: {{ interface: lan0 }}
  distribution: {{ mode: {mode} }}
  management: {{ socket: {files["mag.sock"]} }}
  store: memory
  gre-key: true
  wans:
{wans}""")
        for name in ("lma", "mag"):
            log = open(f"{self.directory}/{name}.log", "a")
            words = ["ip", "netns", "exec", f"plait-{name}", self.plait, name, "run", "--config", files[f"{name}.yaml"]]
            self.daemons.append(subprocess.Popen(words, stdout=log, stderr=log))
        self.wait_for_paths(files)
        # Probes and reports have seen the lines at rest.
        time.sleep(2)

    def wait_for_paths(self, files):
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if any(daemon.poll() is not None for daemon in self.daemons):
                break
            conditions = [self.conditions(files[f"{name}.sock"]) for name in ("lma", "mag")]
            if conditions == [["up", "up"]] * 2:
                if subprocess.run(
                    "ip netns exec plait-host ping -c 1 -W 1 -I 10.20.0.2 192.0.3.80".split(), capture_output=True
                ).returncode == 0:
                    return
            time.sleep(0.1)
        for name in ("lma", "mag"):
            with open(f"{self.directory}/{name}.log") as log:
                print(log.read()[-3000:])
        raise RuntimeError("the paths are not up")

    def conditions(self, socket):
        text = command(f"{self.plait} show paths --json --socket {socket}", isQuiet=True)
        try:
            return [path["condition"] for path in json.loads(text)]
        except ValueError:
            return []

    def stop(self):
        for daemon in reversed(self.daemons):
            daemon.terminate()
        for daemon in self.daemons:
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
        self.daemons = []
        for name in ("lma.sock", "mag.sock"):
            if os.path.exists(f"{self.directory}/{name}"):
                os.remove(f"{self.directory}/{name}")
