#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends a stream of numbered UDP packets from one network namespace to another, and prints what became of it: packets sent,
packets lost, and by how many milliseconds the slower half and the slowest of a hundred came later than the quickest.

usage: stream.py FROM-NAMESPACE TO-NAMESPACE ADDRESS PORT OCTETS MBIT SECONDS
"""
import ctypes
import os
import socket
import struct
import sys
import threading
import time

SO_TIMESTAMPNS, CLONE_NEWNET = 35, 0x40000000


def socket_in(namespace, family):
    with open(f"/run/netns/{namespace}", "rb") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {namespace}")
    return socket.socket(family, socket.SOCK_DGRAM)


def receive(receiver, delays, until):
    receiver.settimeout(0.2)
    while time.monotonic() < until + 1.5:
        try:
            octets, ancillary, _, _ = receiver.recvmsg(2048, 64)
        except TimeoutError:
            continue
        number, sent = struct.unpack_from("!Qd", octets)
        for _, _, content in ancillary:
            seconds, nanoseconds = struct.unpack("qq", content)
            delays.setdefault(number, seconds + nanoseconds / 1e9 - sent)


def main():
    source, target, address, port, size, mbit, seconds = sys.argv[1:]
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    receiver = socket_in(target, family)
    receiver.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    receiver.bind((address, int(port)))
    sender, delays, begin, sent = socket_in(source, family), {}, time.monotonic(), 0
    until = begin + float(seconds)
    thread = threading.Thread(target=receive, args=(receiver, delays, until))
    thread.start()
    interval = int(size) * 8 / float(mbit) / 1e6
    while (now := time.monotonic()) < until:
        if now >= begin + sent * interval:
            sender.sendto(struct.pack("!Qd", sent, time.time()).ljust(int(size), b"."), (address, int(port)))
            sent += 1
        time.sleep(max(0.0, begin + sent * interval - time.monotonic()))
    thread.join()
    late = sorted(delay - min(delays.values()) for delay in delays.values()) or [float("inf")]
    print(sent, sent - len(delays), f"{late[len(late) // 2] * 1000:.0f} {late[len(late) * 99 // 100] * 1000:.0f}")
    sys.stdout.flush()
    os._exit(0)


main()
