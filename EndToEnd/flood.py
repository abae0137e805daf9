#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends an anchor what nobody asked for, or renews a binding as a gateway does; over UDP and IPv4 (RFC 5844 §4).

usage: flood.py forge NAMESPACE ANCHOR SECONDS random|unsigned|wrong-key|unknown-index|heartbeat
           as fast as the kernel takes them, until it is told to end (SIGTERM) or the time is over; says on standard
           error that it has begun, and in the end prints how many a second
       flood.py renew NAMESPACE ANCHOR SECONDS RATE NODE GATEWAY SPI KEY
           prints the updates sent and those accepted within a second
"""
import ctypes
import hashlib
import hmac
import ipaddress
import os
import random
import select
import signal
import socket
import struct
import sys
import time

PORT, CLONE_NEWNET = 5436, 0x40000000
BATCH, KINDS = 64, 1024


def socket_in(namespace):
    with open(f"/run/netns/{namespace}", "rb") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {namespace}")
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


# --- messages (RFC 5213 §8.1, RFC 4285 §5)


def pad(octets, multiple, rest):
    count = (rest - len(octets)) % multiple
    return octets + (b"" if count == 0 else b"\0" if count == 1 else bytes([1, count - 2]) + bytes(count - 2))


def option(octets, kind, data, multiple=1, rest=0):
    return pad(octets, multiple, rest) + bytes([kind, len(data)]) + data


def sealed(octets, spi, key, care_of):
    """With the authenticator over care-of address, zeros for the home address, and all up to the SPI."""
    octets = pad(octets, 8, 5) + bytes([9, 17, 1]) + struct.pack("!I", spi)
    octets = octets[:1] + bytes([(len(octets) + 12) // 8 - 1]) + octets[2:]
    mapped = bytes(10) + b"\xff\xff" + ipaddress.IPv4Address(care_of).packed
    return octets + hmac.new(key, mapped + bytes(16) + octets, hashlib.sha1).digest()[:12]


def finished(octets):
    octets = pad(octets, 8, 0)
    return octets[:1] + bytes([len(octets) // 8 - 1]) + octets[2:]


def update(number, node, gateway, lifetime=3600):
    now = time.time()
    octets = struct.pack("!BBBBHHHH", 59, 0, 5, 0, 0, number & 0xFFFF, 0x8200, lifetime // 4)
    octets = option(octets, 8, b"\1" + node.encode())
    octets = option(octets, 22, bytes(18), 8, 4)
    octets = option(octets, 23, bytes([0, 1 if number == 0 else 5]))
    octets = option(octets, 24, bytes([0, 1]))
    octets = option(octets, 27, struct.pack("!Q", int(now * 65536)), 8, 2)
    octets = option(octets, 63, bytes([5, 7, 1, 0, 0, 0]))
    return option(octets, 64, b"\1\0" + gateway.encode())


def forged(kind):
    if kind == "random":
        return os.urandom(random.randint(1, 200))
    if kind == "heartbeat":
        return finished(struct.pack("!BBBBHHI", 59, 0, 13, 0, 0, 0, random.getrandbits(32)))
    octets = update(random.getrandbits(16), f"cpe{random.randint(1, 2)}@example.net", "mag1@example.net")
    if kind == "unsigned":
        return finished(octets)
    spi = {"wrong-key": 256, "unknown-index": 999}[kind]
    return sealed(octets, spi, os.urandom(16), "192.0.2.77")


# --- what is done with them


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_char_p), ("length", ctypes.c_size_t)]


class Header(ctypes.Structure):
    _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint32), ("vectors", ctypes.POINTER(Vector)),
                ("count", ctypes.c_size_t), ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t),
                ("flags", ctypes.c_int), ("sent", ctypes.c_uint)]


def forge(namespace, anchor, seconds, kind):
    sender = socket_in(namespace)
    sender.connect((anchor, PORT))
    messages = [forged(kind) for _ in range(KINDS)]
    headers = (Header * KINDS)()
    vectors = [Vector(message, len(message)) for message in messages]
    for header, vector in zip(headers, vectors):
        header.vectors, header.count = ctypes.pointer(vector), 1
    ends = []
    signal.signal(signal.SIGTERM, lambda *_: ends.append(True))
    library, sent, begin = ctypes.CDLL(None, use_errno=True), 0, time.monotonic()
    while not ends and time.monotonic() - begin < float(seconds):
        start = random.randrange(KINDS - BATCH)
        count = library.sendmmsg(sender.fileno(), ctypes.byref(headers, start * ctypes.sizeof(Header)), BATCH, 0)
        if sent == 0 < count:
            print("begun", file=sys.stderr, flush=True)
        sent += max(count, 0)
    print(int(sent / (time.monotonic() - begin)))


def renew(namespace, anchor, seconds, rate, node, gateway, spi, key):
    peer = socket_in(namespace)
    peer.connect((anchor, PORT))
    care_of, key = peer.getsockname()[0], bytes.fromhex(key)
    sent, accepted, waiting, begin = 0, 0, {}, time.monotonic()
    while (now := time.monotonic() - begin) < float(seconds) + 1:
        if now < float(seconds) and sent <= now * float(rate):
            waiting[sent & 0xFFFF] = now
            peer.send(sealed(update(sent, node, gateway), int(spi), key, care_of))
            sent += 1
        if select.select([peer], [], [], 0.002)[0]:
            reply = peer.recv(2048)
            number = struct.unpack("!H", reply[8:10])[0]
            if reply[2] == 6 and reply[6] < 128 and time.monotonic() - begin - waiting.pop(number, -9) < 1:
                accepted += 1
    print(sent, accepted)


{"forge": forge, "renew": renew}[sys.argv[1]](*sys.argv[2:])
