#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A call: 50 packets a second of 200 octets from each of two network namespaces to the other, numbered. The first calls the
second at the address. Prints for each way what was sent, what was lost, and the longest time between two packets, by the
kernel's receive time stamps. Fails if either way was silent for longer than so many seconds, if a packet came twice, or if more
were lost than may be (default: half of them).

usage: voice.py FROM-NAMESPACE TO-NAMESPACE ADDRESS SECONDS LONGEST-GAP [MOST-LOST]
"""
import ctypes
import os
import socket
import struct
import sys
import threading
import time

PORT, SIZE, INTERVAL, SO_TIMESTAMPNS, CLONE_NEWNET = 5004, 200, 0.02, 35, 0x40000000


def socket_in(namespace, family):
    with open(f"/run/netns/{namespace}", "rb") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {namespace}")
    end = socket.socket(family, socket.SOCK_DGRAM)
    end.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    return end


class Party:
    def __init__(self, end, peer):
        self.end, self.peer, self.sent, self.stamps, self.twice = end, peer, 0, {}, 0

    def listen(self, until):
        self.end.settimeout(0.2)
        while time.monotonic() < until + 0.5:
            try:
                octets, ancillary, _, sender = self.end.recvmsg(SIZE, 64)
            except (TimeoutError, ConnectionError):
                continue
            self.peer = self.peer or sender
            for _, _, content in ancillary:
                seconds, nanoseconds = struct.unpack("qq", content)
                number = struct.unpack_from("!I", octets)[0]
                self.twice += number in self.stamps
                self.stamps.setdefault(number, seconds + nanoseconds / 1e9)

    def speak(self, until):
        start, turn = time.monotonic(), 0
        while (now := time.monotonic()) < until:
            if self.peer:
                try:
                    self.end.sendto(struct.pack("!I", self.sent).ljust(SIZE, b"."), self.peer)
                    self.sent += 1
                except OSError:
                    pass  # Without a route for the moment: nothing was said.
            turn = max(turn + 1, int((now - start) / INTERVAL))
            time.sleep(max(0.0, start + turn * INTERVAL - time.monotonic()))


def main():
    caller, called, address, seconds, longest = sys.argv[1:6]
    mostLost = int(sys.argv[6]) if len(sys.argv) > 6 else None
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    there = Party(socket_in(called, family), None)
    there.end.bind(("", PORT))
    here = Party(socket_in(caller, family), (address, PORT))
    until = time.monotonic() + float(seconds)
    tasks = [threading.Thread(target=task, args=(until,)) for party in (here, there) for task in (party.listen, party.speak)]
    for task in tasks:
        task.start()
    for task in tasks:
        task.join()
    isBroken = False
    for way, sender, receiver in (("from", here, there), ("to", there, here)):
        times = sorted(receiver.stamps.values())
        gap = max((b - a for a, b in zip(times, times[1:])), default=float("inf"))
        lost = sender.sent - len(times)
        print(
            f"measured: {way} the node {sender.sent} packets, {lost} lost, {receiver.twice} twice, "
            f"the longest gap {gap * 1000:.0f} ms"
        )
        # What is silent from some time on has no second packet to show it.
        isBroken |= gap > float(longest) or lost > (sender.sent / 2 if mostLost is None else mostLost) or receiver.twice > 0
    sys.stdout.flush()
    os._exit(1 if isBroken else 0)


main()
