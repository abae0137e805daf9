# SPDX-License-Identifier: Apache-2.0
"""The flows of a scenario over the lab's lines, what happens to these meanwhile, and the figures that came of it."""
import bisect
import signal
import socket
import struct
import subprocess
import time
from dataclasses import dataclass

from . import traffic

# How hosts and paths find their feet counts for nothing.
WARM_UP = 2
EMULATOR = "/run/plait-lab/emulator.sock"


@dataclass
class Host:
    namespace: str
    address: str


def change_line(number, settings):
    """As `plait lab link` does, without the time that a program takes to start."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as emulator:
        emulator.connect(EMULATOR)
        emulator.send(f"set wan{number} both {settings}".encode())
        answer = emulator.recv(4096).decode()
    if not answer.startswith("ok"):
        raise RuntimeError(f"wan{number}: {answer}")


def refused_frames():
    """Frames that the emulator itself could not keep."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as emulator:
        emulator.connect(EMULATOR)
        emulator.send(b"status")
        lines = emulator.recv(1 << 16).decode().splitlines()
    return sum(int(line.split()[7]) for line in lines if line.split()[1:2] == ["up"])


def processor_time():
    """Seconds that the machine's cores have worked, all together, and that its host has kept from them meanwhile."""
    with open("/proc/stat") as file:
        fields = [int(word) for word in file.readline().split()[1:]]
    # Without idle and waiting; hertz are 100 everywhere.
    return (sum(fields[:7]) - fields[3] - fields[4]) / 100, fields[7] / 100


class Capture:
    """The TCP segments with payload that come to a host, by tcpdump there."""

    def __init__(self, receiver, file):
        self.file = file
        ports = f"{traffic.PORT}-{traffic.PORT + 99}"
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", receiver.namespace, "tcpdump", "-i", "eth0", "-n", "-s", "80", "-B", "16384", "-w", file,
             f"tcp and dst host {receiver.address} and portrange {ports}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )
        # It says that it listens.
        self.process.stderr.readline()

    def times(self):
        """When each came, by the clock of time.time()."""
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=20)
        with open(self.file, "rb") as file:
            octets = file.read()
        times, place = [], 24
        while place + 16 <= len(octets):
            seconds, fraction, count, _ = struct.unpack_from("<IIII", octets, place)
            # Behind the Ethernet header.
            packet = octets[place + 30 : place + 16 + count]
            place += 16 + count
            header = (packet[0] & 15) * 4
            total = struct.unpack_from("!H", packet, 2)[0]
            if total - header - (packet[header + 12] >> 4) * 4 > 0:
                times.append(seconds + fraction / 1e6)
        return times


class Run:
    """Of some seconds; `measure` waits for its end."""

    def __init__(self, scenario, isDownload, host, server, *, isMultipath=False, congestion="cubic", directory="/tmp"):
        self.scenario = scenario
        self.seconds = scenario["seconds"]
        self.connections, self.streams, self.pushes = [], [], []
        needsStall = any(goal["measure"] == "stall" for goal in scenario["goals"])
        sender, receiver = (server, host) if isDownload else (host, server)
        self.capture = Capture(receiver, f"{directory}/capture") if needsStall else None
        self.begin = time.monotonic() + 0.8
        self.end = self.begin + self.seconds
        self.clock = time.time() - time.monotonic()
        port = traffic.PORT
        for flow in scenario["flows"]:
            for _ in range(flow["count"]):
                port += 1
                if flow["kind"] == "udp":
                    self.start_stream(flow, sender, receiver, port)
                    continue
                # The site's host is the one that connects.
                ends = {host.namespace: host.address, server.namespace: None}
                common = (server.address, port, isMultipath, congestion)
                pull, push = ((role, ends[role.namespace]) for role in (receiver, sender))
                self.connections.append(
                    traffic.in_namespace(pull[0].namespace, traffic.pull, self.begin, self.end, pull[1], *common)
                )
                self.pushes.append(
                    traffic.in_namespace(push[0].namespace, traffic.push, self.begin, self.end, push[1], *common)
                )
        self.follow_script()

    def start_stream(self, flow, sender, receiver, port):
        arrivals = traffic.in_namespace(
            receiver.namespace, traffic.collect, self.begin, self.end + 0.5, receiver.address, port, sender.address
        )
        sent = traffic.in_namespace(
            sender.namespace, traffic.emit, self.begin, self.end,
            sender.address, receiver.address, port, flow["megabits"], flow["payload"],
        )
        self.streams.append((sent, arrivals))

    def follow_script(self):
        changes = [
            (change["at"], number, change["settings"])
            for number, link in enumerate(self.scenario["links"], 1)
            for change in link["changes"]
        ]
        time.sleep(max(0, self.begin - time.monotonic()))
        worked, taken = processor_time()
        for at, number, settings in sorted(changes):
            time.sleep(max(0, self.begin + at - time.monotonic()))
            change_line(number, settings)
        time.sleep(max(0, self.end - time.monotonic()))
        work, stolen = processor_time()
        work, stolen = work - worked, stolen - taken
        # Cores that were busy, and the share of their time that they wanted and did not get.
        self.work = work / self.seconds, stolen / max(work + stolen, 0.01)

    def measure(self):
        """The goals' figures, in their order."""
        progress = [result() for result in self.connections]
        for result in self.pushes:
            result()
        datagrams = [self.judge(sent(), arrivals()) for sent, arrivals in self.streams]
        datagrams = [datagram for stream in datagrams for datagram in stream]
        return [self.figure(goal, progress, datagrams) for goal in self.scenario["goals"]]

    @staticmethod
    def judge(sent, arrivals):
        """(seconds on its way or None, whether a later one had come before) of each that was sent after the warm-up."""
        delays, late, newest = {}, set(), -1
        for number, delay in arrivals:
            if number in delays:
                continue
            delays[number] = delay
            if number < newest:
                late.add(number)
            newest = max(newest, number)
        return [(delays.get(number), number in late) for number, at in enumerate(sent) if at >= WARM_UP]

    def figure(self, goal, progress, datagrams):
        measure = goal["measure"]
        if measure == "goodput":
            octets = sum(octets_at(one, goal["to"]) - octets_at(one, goal["from"]) for one in progress)
            return octets * 8 / (goal["to"] - goal["from"]) / 1e6
        if measure == "stall":
            return self.stall()
        if not datagrams:
            return None
        if measure == "delay":
            delays = sorted(delay for delay, _ in datagrams if delay is not None)
            place = max(0, -int(-goal["percentile"] / 100 * len(delays) // 1) - 1)
            return delays[min(place, len(delays) - 1)] * 1000 if delays else None
        isBad = (lambda d: d[0] is None) if measure == "lost" else (lambda d: d[1])
        return 100 * sum(map(isBad, datagrams)) / len(datagrams)

    def stall(self):
        start, end = self.begin + self.clock + WARM_UP, self.end + self.clock
        # A gap counts that ends after the warm-up; one that lasts to the end does, too.
        times = sorted(time for time in self.capture.times() if time <= end) + [end]
        first = max(0, bisect.bisect_left(times, start) - 1)
        return max((b - a for a, b in zip(times[first:], times[first + 1 :])), default=end - start)


def octets_at(progress, moment):
    """All that was received until then; (seconds, octets) in order."""
    place = bisect.bisect_right(progress, moment, key=lambda entry: entry[0])
    return progress[place - 1][1] if place else 0
