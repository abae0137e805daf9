#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A judge that never says no is none: a decoder that errs in one field has to fail check-decoding.py."""

import json
import pathlib
import stat
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
SCRIPT = HERE / "check-decoding.py"
ZOO = HERE.parent / "Tests/WireTests/Captures/message-zoo.pcap"
PLAIT = HERE.parent / ".build/release/plait"


class CheckDecoding(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        run = subprocess.run([PLAIT, "decode", "--json", ZOO], capture_output=True, text=True, check=True)
        cls.packets = [json.loads(line) for line in run.stdout.splitlines()]

    def verdict(self, packets):
        """Of a decoder that prints these packets, whatever it is asked."""
        with tempfile.TemporaryDirectory() as folder:
            decoder, output = pathlib.Path(folder, "plait"), pathlib.Path(folder, "output")
            output.write_text("".join(json.dumps(packet) + "\n" for packet in packets))
            decoder.write_text(f"#!/bin/sh\nexec cat {output}\n")
            decoder.chmod(decoder.stat().st_mode | stat.S_IXUSR)
            command = [sys.executable, SCRIPT, "--plait", decoder, ZOO]
            return subprocess.run(command, capture_output=True, text=True).returncode

    def with_change(self, frame, change):
        packets = json.loads(json.dumps(self.packets))
        change(next(packet for packet in packets if packet["frame"] == frame))
        return packets

    def test_what_plait_reads_is_right(self):
        self.assertEqual(0, self.verdict(self.packets))

    def test_each_wrong_value_fails(self):
        # Frames 7 and 8 are those of which only pypcapkit knows anything.
        for frame, key, value in [
            (1, "sequence", 2), (1, "lifetime", 900), (1, "flags", "AP"), (2, "status", 1), (3, "sequence", 1),
            (5, "trigger", 2), (6, "status", 128), (7, "reason", 2), (8, "sequence", 10), (9, "home-address", "::"),
        ]:
            with self.subTest(frame=frame, key=key):
                changed = self.with_change(frame, lambda packet: packet["fields"].update({key: value}))
                self.assertEqual(1, self.verdict(changed))

    def test_each_wrong_header_fails(self):
        for frame, key in [(18, "key"), (19, "sequence"), (23, "teid"), (27, "teid-data"), (28, "spi")]:
            with self.subTest(frame=frame, key=key):
                changed = self.with_change(frame, lambda packet: packet["headers"][0]["fields"].update({key: 7}))
                self.assertEqual(1, self.verdict(changed))

    def test_nothing_compared_fails(self):
        self.assertEqual(1, self.verdict([]))


if __name__ == "__main__":
    unittest.main()
