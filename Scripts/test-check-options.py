#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A judge that never says no is none: vectors that say what is not so have to fail check-options.py."""

import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).parent / "check-options.py"

spec = importlib.util.spec_from_file_location("check_options", SCRIPT)
check = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check)


def verdict(vectors):
    """Exit code and words of the judge for a folder with these files."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in vectors.items():
            (pathlib.Path(folder) / name).write_text(text)
        ran = subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True, check=False)
        return ran.returncode, ran.stdout + ran.stderr


class Judge(unittest.TestCase):
    FLOW = (check.VECTORS / "45-flow-identification-ipv6.hex").read_text()

    def fails(self, text, why):
        code, words = verdict({"vector.hex": text})
        self.assertEqual(code, 1, words)
        self.assertIn(why, words)

    def test_true_vectors_pass(self):
        code, words = verdict({path.name: path.read_text() for path in check.VECTORS.glob("*.hex")})
        self.assertEqual(code, 0, words)

    def test_another_value_fails(self):
        self.fails(self.FLOW.replace("= fid-pri 10", "= fid-pri 11"), "fid-pri")
        self.fails(self.FLOW.replace("= binding-reference.bid 2", "= binding-reference.bid 3"), "bid")
        self.fails(self.FLOW.replace("source-port 80-80", "source-port 80-81"), "source-port")

    def test_other_octets_fail(self):
        self.fails(self.FLOW.replace("00 0a", "00 0b"), "fid-pri")
        self.fails(self.FLOW.replace("30 c2 00 00", "30 ca 00 00"), "traffic-selector")

    def test_field_too_many_or_too_few_fails(self):
        self.fails(self.FLOW + "= further 1\n", "further")
        self.fails(self.FLOW.replace("= status 0\n", ""), "status")

    def test_option_without_names_fails(self):
        self.fails("12 02 00 00\n= data 0000\n", "option 18")

    def test_nothing_judged_is_no_success(self):
        self.assertEqual(verdict({})[0], 1)


if __name__ == "__main__":
    unittest.main()
