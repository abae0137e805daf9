#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends IP packets of 1500 octets (UDP over IPv4) from one network namespace to another, faster than the line
between them, and prints what arrived: packets sent, packets received, and the seconds from the first to
the last by the kernel's receive time stamps.

usage: udp-blast.py FROM-NAMESPACE TO-NAMESPACE ADDRESS MBIT SECONDS
"""
import ctypes
import os
import socket
import struct
import sys
import threading
import time

PORT, PAYLOAD, SO_TIMESTAMPNS, CLONE_NEWNET = 5001, 1472, 35, 0x40000000


def socket_in(namespace):
    with open(f"/run/netns/{namespace}", "rb") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {namespace}")
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def receive(receiver, stamps):
    receiver.settimeout(1.0)
    while True:
        try:
            _, ancillary, _, _ = receiver.recvmsg(PAYLOAD, 64)
        except TimeoutError:
            return
        for _, _, content in ancillary:
            seconds, nanoseconds = struct.unpack("qq", content)
            stamps.append(seconds + nanoseconds / 1e9)


def main():
    source, target, address, mbit, seconds = sys.argv[1:]
    receiver = socket_in(target)
    receiver.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    receiver.bind((address, PORT))
    sender = socket_in(source)
    stamps = []
    thread = threading.Thread(target=receive, args=(receiver, stamps))
    thread.start()
    payload, sent, begin = os.urandom(PAYLOAD), 0, time.monotonic()
    rate = float(mbit) * 1e6 / 8 / 1500
    while (elapsed := time.monotonic() - begin) < float(seconds):
        while sent < elapsed * rate:
            sender.sendto(payload, (address, PORT))
            sent += 1
        time.sleep(0.0005)
    thread.join()
    print(sent, len(stamps), stamps[-1] - stamps[0] if stamps else 0)


main()
