#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the mobility messages of a capture with judges that share no code with Plait.

For each message (IPv6 next header 135, or IPv4 UDP port 5436):

  1. tshark dissects it without a malformed field or an expert error;
  2. pypcapkit decodes options 63 and 64 (RFC 8278) to the values that a walk over the octets finds. It refuses the
     authentication option of RFC 4285, so that one is taken off, and Header Len and checksum are redone, before;
  3. the authenticator of option 9 is recomputed from key and octets alone (RFC 4285, RFC 2104).

Usage:
  check-signalling.py CAPTURE.pcap --key [SPI=]HEX … [--expect 63:att=8,label=11,bid=1] [--expect 64:mag1@example.net]

Exit code 0 if all hold, 1 if one does not, 2 if a judge is missing or the capture is unreadable.
Needs tshark, and pypcapkit==1.5.0b14 in the Python that runs it (see Scripts/setup-judges.sh).
"""

import argparse
import hashlib
import hmac
import io
import ipaddress
import struct
import subprocess
import sys
from dataclasses import dataclass, field

MOBILITY_HEADER, UDP, CONTROL_PORT = 135, 17, 5436
BINDING_UPDATE, BINDING_ACKNOWLEDGEMENT = 5, 6
OPTIONS_START = {5: 12, 6: 12, 7: 24, 13: 12, 16: 12, 19: 12, 20: 12}
NAMES = {5: "BU", 6: "BA", 7: "BE", 13: "HB", 16: "BR", 19: "UPN", 20: "UPA"}
ALGORITHMS = {12: hashlib.sha1, 16: hashlib.sha256}


class Unreadable(Exception):
    pass


@dataclass
class Message:
    frame: int
    source: bytes
    destination: bytes
    octets: bytes
    over_ipv6: bool
    # (type, offset in the message, data)
    options: list = field(default_factory=list)

    @property
    def type(self):
        return self.octets[2]

    def data(self, kind):
        return next((data for number, _, data in self.options if number == kind), None)

    def __str__(self):
        ends = " > ".join(str(ipaddress.ip_address(end)) for end in (self.source, self.destination))
        return f"frame {self.frame} {NAMES.get(self.type, self.type)} {ends}"


# --- The capture ---------------------------------------------------------------------------------------------------


def frames(path):
    with open(path, "rb") as file:
        octets = file.read()
    orders = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\x3c\x4d": ">"}
    order = orders.get(octets[:4])
    if order is None or len(octets) < 24:
        raise Unreadable(f"{path} is no classic pcap file")
    link = struct.unpack(order + "I", octets[20:24])[0] & 0xFFFF
    offset, number = 24, 0
    while offset < len(octets):
        if offset + 16 > len(octets):
            raise Unreadable(f"{path} ends inside a frame header")
        length, original = struct.unpack(order + "II", octets[offset + 8 : offset + 16])
        if offset + 16 + length > len(octets):
            raise Unreadable(f"{path} ends inside frame {number + 1}")
        number += 1
        if length < original:
            raise Unreadable(f"frame {number} was cut by the capture")
        yield number, link, octets[offset + 16 : offset + 16 + length]
        offset += 16 + length


def packet_of(link, frame):
    """The IP packet in a frame, or nothing."""
    if link in (12, 14, 101, 228, 229):
        return frame
    if link == 276:
        return frame[20:] if frame[:2] in (b"\x08\x00", b"\x86\xdd") else b""
    start = {1: 12, 113: 14}.get(link)
    if start is None:
        raise Unreadable(f"link type {link} is not one this script can look into")
    while frame[start : start + 2] in (b"\x81\x00", b"\x88\xa8", b"\x91\x00"):
        start += 4
    return frame[start + 2 :] if frame[start : start + 2] in (b"\x08\x00", b"\x86\xdd") else b""


def message_of(number, packet):
    """The mobility message of a packet, or None."""
    if len(packet) >= 40 and packet[0] >> 4 == 6:
        end = 40 + int.from_bytes(packet[4:6], "big")
        kind, offset = packet[6], 40
        while kind in (0, 43, 60) and offset + 2 <= len(packet):
            kind, offset = packet[offset], offset + (packet[offset + 1] + 1) * 8
        if kind == MOBILITY_HEADER:
            return Message(number, packet[8:24], packet[24:40], packet[offset:end], True)
    elif len(packet) >= 28 and packet[0] >> 4 == 4 and packet[9] == UDP:
        start = (packet[0] & 15) * 4
        length = int.from_bytes(packet[start + 4 : start + 6], "big")
        ports = struct.unpack(">HH", packet[start : start + 4])
        if CONTROL_PORT in ports:
            return Message(number, packet[12:16], packet[16:20], packet[start + 8 : start + length], False)
    return None


def walk(octets):
    """Type, offset and data of each option but padding."""
    if len(octets) < 8 or (octets[1] + 1) * 8 != len(octets):
        raise ValueError(f"Header Len {octets[1:2].hex()} does not fit {len(octets)} octets")
    start = OPTIONS_START.get(octets[2])
    options = []
    offset = len(octets) if start is None else start
    while offset < len(octets):
        if octets[offset] == 0:
            offset += 1
            continue
        if offset + 2 > len(octets) or offset + 2 + octets[offset + 1] > len(octets):
            raise ValueError(f"option {octets[offset]} runs past the message")
        data = octets[offset + 2 : offset + 2 + octets[offset + 1]]
        if octets[offset] != 1:
            options.append((octets[offset], offset, data))
        offset += 2 + len(data)
    return options


def checksum(source, destination, octets):
    total = source + destination + struct.pack(">IHBB", len(octets), 0, 0, MOBILITY_HEADER) + octets
    value = sum(struct.unpack(f">{len(total) // 2}H", total))
    while value >> 16:
        value = (value & 0xFFFF) + (value >> 16)
    return 0xFFFF - value


# --- The judges ----------------------------------------------------------------------------------------------------


def ask_tshark(path, messages):
    """What tshark has against the messages of the capture."""
    wanted = "_ws.malformed || _ws.expert.severity == \"Error\""
    command = ["tshark", "-n", "-r", path, "-T", "fields", "-E", "separator=|", "-e", "frame.number"]
    seen = subprocess.run(command + ["-Y", "mipv6"], capture_output=True, text=True, check=True).stdout.split()
    found = {message.frame for message in messages}
    problems = [f"frame {frame}: tshark sees no mobility message" for frame in sorted(found - {int(n) for n in seen})]
    fields = ["-e", "_ws.malformed", "-e", "_ws.expert.message", "-Y", f"mipv6 && ({wanted})"]
    lines = subprocess.run(command + fields, capture_output=True, text=True, check=True).stdout.splitlines()
    return problems + ["tshark: frame " + line for line in lines if int(line.split("|")[0]) in found]


def without_authentication(message):
    """The octets without option 9, padded and with Header Len and checksum redone."""
    octets = bytearray(message.octets)
    for kind, offset, data in reversed(message.options):
        if kind == 9:
            del octets[offset : offset + 2 + len(data)]
    missing = -len(octets) % 8
    octets += b"\x00" if missing == 1 else b"" if missing == 0 else bytes([1, missing - 2]) + bytes(missing - 2)
    octets[1] = len(octets) // 8 - 1
    octets[4:6] = b"\x00\x00"
    if message.over_ipv6:
        octets[4:6] = struct.pack(">H", checksum(message.source, message.destination, bytes(octets)))
    return bytes(octets)


def text(value):
    return value.decode() if isinstance(value, (bytes, bytearray)) else str(value)


def ask_pcapkit(message, decoder):
    """Options 63 and 64 as pypcapkit reads them, as texts; and what differs from the walk."""
    octets = without_authentication(message)
    options = decoder(io.BytesIO(octets), len(octets)).info.options
    found, problems = [], []
    for kind, option in options.items(True):
        if int(kind) == 63:
            flags = (int(bool(option.bulk)), int(bool(option.overwrite)))
            found.append(f"63:att={int(option.att)},label={option.label},bid={option.bid},b={flags[0]},o={flags[1]}")
        elif int(kind) == 64:
            found.append(f"64:{text(option.identifier)}")
    walked = []
    for kind, _, data in message.options:
        if kind == 63 and len(data) == 6:
            flags = (data[3] >> 7, data[3] >> 6 & 1)
            walked.append(f"63:att={data[0]},label={data[1]},bid={data[2]},b={flags[0]},o={flags[1]}")
        elif kind == 64:
            walked.append(f"64:{text(data[2:])}")
        elif kind == 63:
            problems.append(f"{message}: option 63 has length {len(data)}")
    if found != walked:
        problems.append(f"{message}: pypcapkit reads {found}, the octets say {walked}")
    if message.type == BINDING_UPDATE and len([text for text in walked if text.startswith("63")]) > 1:
        problems.append(f"{message}: more than one option 63")
    return walked, problems


class Authenticator:
    """Recomputes option 9. Remembers which address stands for a gateway's leg, because only updates say it."""

    def __init__(self, keys):
        self.keys = keys
        self.care_of = {}
        self.asked = {}

    def check(self, message):
        option = next(((offset, data) for kind, offset, data in message.options if kind == 9), None)
        leg = self.leg(message)
        if option is None:
            return [f"{message}: no authentication option"]
        offset, data = option
        if message.options[-1][0] != 9 or offset + 2 + len(data) != len(message.octets):
            return [f"{message}: the authentication option is not the last thing in the message"]
        spi, given = int.from_bytes(data[1:5], "big"), data[5:]
        key, algorithm = self.keys.get(spi, self.keys.get(None)), ALGORITHMS.get(len(given))
        if data[0] != 1 or key is None or algorithm is None:
            return [f"{message}: no key for SPI {spi}, subtype {data[0]}, {len(given)} octets"]
        covered = bytearray(message.octets[: len(message.octets) - len(given)])
        covered[4:6] = b"\x00\x00"
        prefix = message.data(22)
        home = prefix[2:18] if prefix and len(prefix) == 18 else bytes(16)
        made = hmac.new(key, leg + home + bytes(covered), algorithm).digest()[: len(given)]
        return [] if hmac.compare_digest(made, given) else [f"{message}: the authenticator should be {made.hex()}"]

    def leg(self, message):
        """The care-of address of the leg, sixteen octets, IPv4 mapped."""
        there, back = (message.source, message.destination), (message.destination, message.source)
        if message.type == BINDING_UPDATE:
            address = message.data(3) or message.data(49) or message.source
            sequence, lifetime = message.octets[6:8], message.octets[10:12]
            self.asked[there, sequence] = address
            # A de-registration may speak of another, dead leg; what else passes here goes on belonging to this one.
            if any(lifetime):
                self.care_of[there] = address
        elif message.type == BINDING_ACKNOWLEDGEMENT:
            address = self.asked.get((back, message.octets[8:10]), message.destination)
        else:
            address = self.care_of.get(there) or self.care_of.get(back) or message.source
        return address if len(address) == 16 else bytes(10) + b"\xff\xff" + address


# --- The command ---------------------------------------------------------------------------------------------------


def keys_of(arguments):
    keys = {}
    for argument in arguments:
        spi, _, digits = argument.rpartition("=")
        keys[int(spi, 0) if spi else None] = bytes.fromhex(digits)
    return keys


def is_met(expectation, found):
    """Each of an expectation's parts stands in one option that was found."""
    parts = expectation.split(":", 1)
    wanted = set(parts[1].split(","))
    return any(text.split(":", 1)[0] == parts[0] and wanted <= set(text.split(":", 1)[1].split(",")) for text in found)


def judge(message, decoder, authenticator):
    """Options 63 and 64 of one message, and what is wrong with it."""
    try:
        message.options = walk(message.octets)
    except ValueError as error:
        return [], [f"{message}: {error}"]
    problems = []
    if message.over_ipv6:
        octets = bytearray(message.octets)
        octets[4:6] = b"\x00\x00"
        if checksum(message.source, message.destination, bytes(octets)) != int.from_bytes(message.octets[4:6], "big"):
            problems.append(f"{message}: wrong checksum")
    elif message.octets[4:6] != b"\x00\x00":
        problems.append(f"{message}: a checksum in the mobility header over IPv4 (RFC 5844 section 4.1.3)")
    try:
        found, differences = ask_pcapkit(message, decoder)
    except Exception as error:  # whatever that tool raises is its verdict
        found, differences = [], [f"{message}: pypcapkit refuses it: {error!r}"]
    problems += differences
    if authenticator:
        problems += authenticator.check(message)
    return found, problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("capture")
    parser.add_argument("--key", action="append", default=[], metavar="[SPI=]HEX", help="may be repeated")
    parser.add_argument("--without-authentication", action="store_true", help="do not look for option 9")
    parser.add_argument("--frame", action="append", type=int, default=[], help="only this frame; may be repeated")
    parser.add_argument("--expect", action="append", default=[], help="an option that some message has to carry")
    parser.add_argument("--at-least", type=int, default=1, metavar="N", help="messages there have to be")
    arguments = parser.parse_args()
    if not arguments.key and not arguments.without_authentication:
        parser.error("give --key, or --without-authentication")
    try:
        from pcapkit.protocols.internet.mh import MH as decoder
    except ImportError:
        print("pypcapkit is missing; run Scripts/setup-judges.sh and use .venv/bin/python", file=sys.stderr)
        return 2
    try:
        messages = [message_of(number, packet_of(link, frame)) for number, link, frame in frames(arguments.capture)]
        messages = [m for m in messages if m and (not arguments.frame or m.frame in arguments.frame)]
        problems = ask_tshark(arguments.capture, messages)
    except (Unreadable, OSError, subprocess.CalledProcessError) as error:
        print(f"{arguments.capture}: {error}", file=sys.stderr)
        return 2
    authenticator = None if arguments.without_authentication else Authenticator(keys_of(arguments.key))
    found = []
    for message in messages:
        options, faults = judge(message, decoder, authenticator)
        print(f"{message}: {' '.join(options) or '-'}{'' if faults else ' ok'}")
        found += options
        problems += faults
    if len(messages) < arguments.at_least:
        problems.append(f"only {len(messages)} mobility messages")
    problems += [f"no message carries {wanted}" for wanted in arguments.expect if not is_met(wanted, found)]
    for problem in problems:
        print(f"FAILED {problem}", file=sys.stderr)
    print(f"{len(messages)} messages, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
