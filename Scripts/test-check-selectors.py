#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A judge that never says no is none: selectors that are none, and words that are not so, have to fail
check-selectors.py."""

import importlib.util
import pathlib
import unittest

SCRIPT = pathlib.Path(__file__).parent / "check-selectors.py"

spec = importlib.util.spec_from_file_location("check_selectors", SCRIPT)
check = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check)


def option(selector):
    """The data of option 45 with a reference, padding, and this selector."""
    part = bytes([3, len(selector)]) + selector
    return bytes([0, 1, 0, 1, 0, 0, 2, 2, 0, 1, 0, 1, 1, 0]) + part


class Selectors(unittest.TestCase):
    IPV4 = bytes([1, 0]) + bytes.fromhex("c2280000" "c0000201" "c00002ff" "0050" "b8" "06")
    SAID = {
        "traffic-selector.format": 1, "traffic-selector.source-address": "192.0.2.1-192.0.2.255",
        "traffic-selector.source-port": "80", "traffic-selector.dscp": "46", "traffic-selector.protocol": "6",
    }

    def test_flags_name_the_fields_of_rfc_6088(self):
        fields = check.selector(1, self.IPV4[2:])
        self.assertEqual(fields, {
            "source-address": "192.0.2.1-192.0.2.255", "source-port": "80", "dscp": "46", "protocol": "6"})

    def test_letters_differ_between_the_formats(self):
        # G: source port in the one, flow label in the other.
        self.assertEqual(check.selector(1, bytes.fromhex("020000001234")), {"source-port": "4660"})
        self.assertEqual(check.selector(2, bytes.fromhex("02000000fff12345")), {"flow-label": "74565"})

    def test_true_words_pass(self):
        self.assertEqual(check.flows(option(self.IPV4), self.SAID), 5)

    def test_another_value_fails(self):
        for name in self.SAID:
            with self.assertRaises(check.Wrong, msg=name):
                check.flows(option(self.IPV4), self.SAID | {name: "7"})

    def test_missing_and_invented_fields_fail(self):
        for said in ({**self.SAID, "traffic-selector.ipsec-spi": "1"}, dict(list(self.SAID.items())[:-1])):
            with self.assertRaises(check.Wrong):
                check.flows(option(self.IPV4), said)

    def test_end_without_start_fails(self):
        with self.assertRaises(check.Wrong):
            check.selector(1, bytes.fromhex("40000000c0000201"))

    def test_octets_too_few_or_too_many_fail(self):
        for octets in (self.IPV4[2:-1], self.IPV4[2:] + b"\0", b"\0\0"):
            with self.assertRaises(check.Wrong):
                check.selector(1, octets)

    def test_format_that_nobody_knows_fails(self):
        with self.assertRaises(check.Wrong):
            check.selector(3, bytes(4))


if __name__ == "__main__":
    unittest.main()
