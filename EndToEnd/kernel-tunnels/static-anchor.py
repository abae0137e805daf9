#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An anchor of another make: it accepts every proxy binding update, unauthenticated, and has the Linux kernel carry the
tunnel. It knows RFC 5213, 5844, 5845 and 7148 as far as that takes, nothing of multipath, and shares no code with Plait.

static-anchor.py ADDRESS ip-in-ip|gre [--no-key] [--sequence]
static-anchor.py ADDRESS udp --inner 4|6        (the kernel takes one inner family on a port)
"""
import argparse
import ipaddress
import socket
import struct
import subprocess
import sys

ANCHOR_PORT = 5436
DATA_PORT = 5437
MOBILITY_HEADER = 135
HOME_NETWORK_PREFIX = ipaddress.ip_network("2001:db8:1234::/64")
DELEGATED_IPV6 = ipaddress.ip_network("2001:db8:5600::/56")
DELEGATED_IPV4 = ipaddress.ip_network("10.20.0.0/24")
UPLINK_KEY = 0x00C0FFEE


def options_of(message):
    """Type and data of every option of a binding update."""
    position, found = 12, []
    while position < len(message):
        kind = message[position]
        if kind == 0:
            position += 1
            continue
        length = message[position + 1]
        found.append((kind, message[position + 2:position + 2 + length]))
        position += 2 + length
    return found


def option(kind, data):
    return bytes([kind, len(data)]) + data


def padded(octets, to, remainder=0):
    """With PadN or Pad1 behind it, so that its length leaves the remainder."""
    missing = (remainder - len(octets)) % to
    if missing == 0:
        return octets
    return octets + (b"\0" if missing == 1 else option(1, bytes(missing - 2)))


class StaticAnchor:
    def __init__(self, words):
        self.address = words.address
        self.encapsulation = words.encapsulation
        self.has_key = not words.no_key
        self.has_sequence = words.sequence
        self.inner = words.inner
        self.care_of = None

    def answer(self, message, peer):
        """The acknowledgement of an update; None for any other message."""
        if len(message) < 12 or message[2] != 5:
            return None
        sequence, flags, lifetime = struct.unpack("!HHH", message[6:12])
        assert flags & 0x8200 == 0x8200, "an update without A and P"
        body = struct.pack("!BBHH", 0, 0x20, sequence, lifetime)
        downlink_key = None
        for kind, data in options_of(message):
            if kind in (8, 23, 24, 27):
                body += option(kind, data)
            elif kind == 22:
                body = padded(body, 8, 6)
                body += option(22, bytes([0, 64]) + HOME_NETWORK_PREFIX.network_address.packed)
            elif kind == 55:
                block = DELEGATED_IPV4 if data[0] & 0x80 else DELEGATED_IPV6
                body += option(55, bytes([data[0], block.prefixlen]) + block.network_address.packed)
            elif kind == 33 and self.encapsulation == "gre":
                if self.has_key:
                    downlink_key = struct.unpack("!I", data[2:6])[0]
                    body += option(33, struct.pack("!HI", 0, UPLINK_KEY))
                else:
                    body += option(33, bytes(2))
        if self.encapsulation == "udp":
            # RFC 5844: UDP is granted by the NAT Detection option with F, to who asked with F.
            assert flags & 0x0100, "an update without F"
            body += option(31, struct.pack("!HI", 0x8000, 0xFFFFFFFF))
        if lifetime and self.care_of is None:
            self.lay_tunnel(peer, downlink_key)
        message = padded(bytes([59, 0, 6, 0, 0, 0]) + body, 8)
        return message[:1] + bytes([len(message) // 8 - 1]) + message[2:]

    def lay_tunnel(self, peer, downlink_key):
        self.care_of = peer
        ends = f"local {self.address} remote {peer} ttl 64"
        outer = ipaddress.ip_address(self.address).version
        devices = []
        if self.encapsulation == "gre":
            key = f"okey {downlink_key} ikey {UPLINK_KEY}" if self.has_key else ""
            sequence = "oseq iseq" if self.has_sequence else ""
            extra = "encaplimit none" if outer == 6 else ""
            kind = "ip6gre" if outer == 6 else "gre"
            devices.append(("far0", (4, 6), f"type {kind} {ends} {key} {sequence} {extra}"))
        elif self.encapsulation == "udp":
            kind, number = {4: ("ipip", 4), 6: ("sit", 41)}[self.inner]
            run(f"ip fou add port {DATA_PORT} ipproto {number}")
            ports = f"encap fou encap-sport {DATA_PORT} encap-dport {DATA_PORT}"
            devices.append(("far0", (self.inner,), f"type {kind} {ends} {ports}"))
        elif outer == 6:
            devices.append(("far0", (4, 6), f"type ip6tnl mode any {ends} encaplimit none"))
        else:
            devices.append(("far0", (6,), f"type sit mode ip6ip {ends}"))
            devices.append(("far1", (4,), f"type ipip mode ipip {ends}"))
        blocks = {4: [DELEGATED_IPV4], 6: [HOME_NETWORK_PREFIX, DELEGATED_IPV6]}
        for name, families, words in devices:
            run(f"ip link add {name} {words}")
            run(f"ip link set {name} mtu 1400 up")
            for family in families:
                for block in blocks[family]:
                    run(f"ip -{family} route add {block} dev {name}")

    def serve(self):
        if ipaddress.ip_address(self.address).version == 6:
            peers = socket.socket(socket.AF_INET6, socket.SOCK_RAW, MOBILITY_HEADER)
            peers.bind((self.address, 0))
        else:
            peers = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            peers.bind((self.address, ANCHOR_PORT))
        print("serving", flush=True)
        while True:
            message, peer = peers.recvfrom(4096)
            reply = self.answer(message, peer[0])
            if reply:
                peers.sendto(reply, peer)


def run(line):
    print(line, flush=True)
    subprocess.run(line.split(), check=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("encapsulation", choices=["ip-in-ip", "gre", "udp"])
    parser.add_argument("--no-key", action="store_true")
    parser.add_argument("--sequence", action="store_true")
    parser.add_argument("--inner", type=int, choices=[4, 6])
    sys.exit(StaticAnchor(parser.parse_args()).serve())
