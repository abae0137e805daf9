#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A judge that never says no is none: captures with known faults have to fail check-signalling.py."""

import hashlib
import hmac
import importlib.util
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
SCRIPT = HERE / "check-signalling.py"
CALL_FLOW = HERE.parent / "Tests/WireTests/Captures/rfc8278-call-flow.pcap"
KEY = bytes(range(16))
GATEWAY, ANCHOR = bytes([198, 51, 100, 2]), bytes([192, 0, 2, 1])
GATEWAY6 = bytes.fromhex("20010db8000a00000000000000000002")
ANCHOR6 = bytes.fromhex("20010db8010000000000000000000001")

spec = importlib.util.spec_from_file_location("check", SCRIPT)
check = importlib.util.module_from_spec(spec)
sys.modules["check"] = check
spec.loader.exec_module(check)


def capture(packets, link=101):
    octets = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    for packet in packets:
        octets += struct.pack("<IIII", 1700000000, 0, len(packet), len(packet)) + packet
    return octets


def over_ipv4(message, source, destination):
    udp = struct.pack(">HHHH", 5436, 5436, 8 + len(message), 0) + message
    header = bytearray(struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0x4000, 64, 17, 0) + source + destination)
    total = sum(struct.unpack(">10H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    header[10:12] = struct.pack(">H", 0xFFFF - total)
    return bytes(header) + udp


def over_ipv6(message, source, destination):
    octets = bytearray(message)
    octets[4:6] = struct.pack(">H", check.checksum(source, destination, bytes(octets)))
    return struct.pack(">IHBB", 6 << 28, len(octets), 135, 64) + source + destination + bytes(octets)


def authenticated(fixed, options, care_of, length=12):
    """A message ending in option 9 at 8n+5 (HMAC-SHA1-96) or 8n+1 (HMAC-SHA256-128)."""
    octets = bytearray(fixed + options)
    missing = -(len(octets) + 7 + length) % 8
    octets += b"\x00" if missing == 1 else b"" if missing == 0 else bytes([1, missing - 2]) + bytes(missing - 2)
    octets += bytes([9, 5 + length, 1]) + struct.pack(">I", 256)
    octets[1] = (len(octets) + length) // 8 - 1
    algorithm = hashlib.sha1 if length == 12 else hashlib.sha256
    mapped = care_of if len(care_of) == 16 else bytes(10) + b"\xff\xff" + care_of
    return bytes(octets) + hmac.new(KEY, mapped + bytes(16) + bytes(octets), algorithm).digest()[:length]


IDENTIFIER = b"\x08\x06\x01n@e.x"
MULTIPATH = bytes([63, 6, 8, 11, 1, 0, 0, 0])
UPDATE = bytes([59, 0, 5, 0, 0, 0, 0, 1, 0x82, 0, 0, 1])
ANSWER = bytes([59, 0, 6, 0, 0, 0, 0, 0x20, 0, 1, 0, 1])


class CheckSignalling(unittest.TestCase):
    def judge(self, octets, *arguments):
        with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
            file.write(octets)
            file.flush()
            command = [sys.executable, str(SCRIPT), file.name, *arguments]
            run = subprocess.run(command, capture_output=True, text=True)
            return run.returncode, run.stdout + run.stderr

    def assertVerdict(self, code, octets, *arguments):
        found, text = self.judge(octets, *arguments)
        self.assertEqual(code, found, text)

    def test_call_flow_is_right(self):
        expectations = ["--expect", "63:att=8,label=11,bid=1,b=1", "--expect", "64:mag1@example.net", "--at-least", "10"]
        self.assertVerdict(0, CALL_FLOW.read_bytes(), "--without-authentication", *expectations)

    def test_missing_expectations_and_messages_fail(self):
        for wrong in (["--expect", "63:bid=7"], ["--expect", "64:other"], ["--at-least", "11"]):
            self.assertVerdict(1, CALL_FLOW.read_bytes(), "--without-authentication", *wrong)

    def test_unauthenticated_fails_with_a_key(self):
        self.assertVerdict(1, CALL_FLOW.read_bytes(), "--key", KEY.hex())

    def test_wrong_checksum_fails(self):
        octets = bytearray(CALL_FLOW.read_bytes())
        octets[24 + 16 + 40 + 80] ^= 1
        self.assertVerdict(1, bytes(octets), "--without-authentication")

    def test_wrong_length_of_option_63_fails(self):
        message = UPDATE + IDENTIFIER + bytes([63, 7, 8, 11, 1, 0, 0, 0, 0]) + bytes([1, 1, 0])
        message = bytes([59, len(message) // 8 - 1]) + message[2:]
        self.assertEqual(0, len(message) % 8)
        self.assertVerdict(1, capture([over_ipv6(message, GATEWAY6, ANCHOR6)]), "--without-authentication")

    def test_what_tshark_calls_malformed_fails(self):
        message = UPDATE + bytes([22, 2, 0, 64])
        self.assertVerdict(
            1, capture([over_ipv6(bytes([59, 1]) + message[2:], GATEWAY6, ANCHOR6)]), "--without-authentication"
        )

    def test_authenticators_over_both_transports_and_algorithms(self):
        for length in (12, 16):
            update = authenticated(UPDATE, IDENTIFIER + MULTIPATH, GATEWAY6, length)
            answer = authenticated(ANSWER, IDENTIFIER + MULTIPATH, GATEWAY6, length)
            update4 = authenticated(UPDATE, IDENTIFIER + MULTIPATH, GATEWAY, length)
            packets = [
                over_ipv6(update, GATEWAY6, ANCHOR6),
                over_ipv6(answer, ANCHOR6, GATEWAY6),
                over_ipv4(update4, GATEWAY, ANCHOR),
            ]
            self.assertVerdict(0, capture(packets), "--key", "256=" + KEY.hex())
            self.assertVerdict(1, capture(packets), "--key", KEY[::-1].hex())
            self.assertVerdict(1, capture(packets), "--key", "257=" + KEY.hex())

    def test_alternate_care_of_address_stands_for_the_leg(self):
        inside = bytes([10, 0, 0, 2])
        option = IDENTIFIER + MULTIPATH + b"\x31\x04" + inside
        update = authenticated(UPDATE, option, inside)
        answer = authenticated(ANSWER, IDENTIFIER + MULTIPATH, inside)
        packets = [over_ipv4(update, GATEWAY, ANCHOR), over_ipv4(answer, ANCHOR, GATEWAY)]
        self.assertVerdict(0, capture(packets), "--key", KEY.hex())
        wrong = over_ipv4(authenticated(UPDATE, option, GATEWAY), GATEWAY, ANCHOR)
        self.assertVerdict(1, capture([wrong]), "--key", KEY.hex())

    def test_leave_of_another_leg_does_not_rename_this_one(self):
        dead = bytes([10, 0, 0, 2])
        leave = bytes([59, 0, 5, 0, 0, 0, 0, 2, 0x82, 0, 0, 0])
        left = bytes([59, 0, 6, 0, 0, 0, 0, 0x20, 0, 2, 0, 0])
        heartbeat = bytes([59, 0, 13, 0, 0, 0, 0, 0, 0, 0, 0, 9])
        packets = [
            over_ipv4(authenticated(leave, IDENTIFIER + MULTIPATH + b"\x31\x04" + dead, dead), GATEWAY, ANCHOR),
            over_ipv4(authenticated(left, IDENTIFIER + MULTIPATH, dead), ANCHOR, GATEWAY),
            over_ipv4(authenticated(heartbeat, b"", GATEWAY), GATEWAY, ANCHOR),
        ]
        self.assertVerdict(0, capture(packets), "--key", KEY.hex())

    def test_anything_behind_the_authenticator_fails(self):
        update = authenticated(UPDATE, IDENTIFIER + MULTIPATH, GATEWAY6) + bytes([1, 6, 0, 0, 0, 0, 0, 0])
        update = update[:1] + bytes([len(update) // 8 - 1]) + update[2:]
        self.assertVerdict(1, capture([over_ipv6(update, GATEWAY6, ANCHOR6)]), "--key", KEY.hex())

    def test_what_is_no_capture_is_an_error_of_its_own(self):
        self.assertVerdict(2, b"nonsense", "--without-authentication")
        self.assertVerdict(2, CALL_FLOW.read_bytes()[:-3], "--without-authentication")


if __name__ == "__main__":
    unittest.main()
