#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads the traffic selectors of captures a second time, after RFC 6088 section 3 alone, and compares what `plait decode`
says of them: no tool known to us looks into them. With --dissector FILE.lua it asks tshark with our dissector as well,
which then has to say the same of options 19, 44, 45, 63 and 64.

Usage: check-selectors.py --plait BINARY [--dissector FILE.lua] CAPTURE.pcap …

Exit code 0 if all agree and something was compared, 1 if something differs, 2 if a judge is missing or refuses.
"""

import argparse
import importlib.util
import ipaddress
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
spec = importlib.util.spec_from_file_location("check_signalling", HERE / "check-signalling.py")
signalling = importlib.util.module_from_spec(spec)
sys.modules["check_signalling"] = signalling
spec.loader.exec_module(signalling)


class Wrong(Exception):
    pass


# --- RFC 6088 ------------------------------------------------------------------------------------------------------


def port(octets):
    return str(int.from_bytes(octets, "big"))


def address(octets):
    return str(ipaddress.ip_address(octets))


def code_point(octets):
    # Section 3.1, (K): the leftmost six bits are the code point; the other two are ignored.
    return str(octets[0] >> 2)


def flow_label(octets):
    # Section 3.2, (G): in four octets, of which a flow label fills but twenty bits (RFC 8200 section 6).
    return str(int.from_bytes(octets, "big") & 0xFFFFF)


# Letters of start and end, octets, reading, name at plait.
IPV4 = [
    ("A", "B", 4, address, "source-address"), ("C", "D", 4, address, "destination-address"),
    ("E", "F", 4, port, "ipsec-spi"), ("G", "H", 2, port, "source-port"), ("I", "J", 2, port, "destination-port"),
    ("K", "L", 1, code_point, "dscp"), ("M", "N", 1, port, "protocol"),
]
IPV6 = [
    ("A", "B", 16, address, "source-address"), ("C", "D", 16, address, "destination-address"),
    ("E", "F", 4, port, "ipsec-spi"), ("G", "H", 4, flow_label, "flow-label"), ("I", "J", 2, port, "source-port"),
    ("K", "L", 2, port, "destination-port"), ("M", "N", 1, code_point, "dscp"), ("O", "P", 1, port, "next-header"),
]


def selector(form, octets):
    """Fields by name; raises Wrong where the octets are none."""
    table = {1: IPV4, 2: IPV6}.get(form)
    if table is None:
        raise Wrong(f"format {form}")
    if len(octets) < 4:
        raise Wrong("no room for the flags")
    flags, place, fields = int.from_bytes(octets[:4], "big"), 4, {}
    # The letters name bits from the left.
    letters = {letter for index, letter in enumerate("ABCDEFGHIJKLMNOP") if flags >> (31 - index) & 1}
    for start, end, size, read, name in table:
        if end in letters and start not in letters:
            raise Wrong(f"{end} without {start}")
        values = []
        for letter in (start, end):
            if letter in letters:
                value = octets[place:place + size]
                if len(value) < size:
                    raise Wrong(f"{name} ends too early")
                values.append(read(value))
                place += size
        if values:
            fields[name] = "-".join(values)
    if place != len(octets):
        raise Wrong(f"{len(octets) - place} octets too many")
    return fields


def sub_options(octets):
    """RFC 6089 section 4.2.1: type, length, data; Pad1 has no length."""
    place = 0
    while place < len(octets):
        if octets[place] == 0:
            place += 1
            continue
        length = octets[place + 1]
        if octets[place] != 1:
            yield octets[place], octets[place + 2:place + 2 + length]
        place += 2 + length


# --- Comparison ----------------------------------------------------------------------------------------------------


def flows(data, said):
    """How many values of one option 45 agree; raises Wrong."""
    prefix, count = "traffic-selector.", 0
    theirs = {name[len(prefix):]: str(value) for name, value in said.items() if name.startswith(prefix)}
    ours = {}
    for kind, part in sub_options(data[6:]):
        if kind == 3:
            ours = {"format": str(part[0])} | selector(part[0], part[2:])
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            raise Wrong(f"{name} is {theirs.get(name)} to plait, and {ours.get(name)} by RFC 6088")
        count += 1
    return count


def decoded(binary, path):
    run = subprocess.run([binary, "decode", "--json", "--messages", str(path)], capture_output=True, text=True, check=True)
    return {packet["frame"]: packet for packet in map(json.loads, run.stdout.splitlines())}


def messages(path):
    for frame, link, content in signalling.frames(path):
        message = signalling.message_of(frame, signalling.packet_of(link, content))
        if message and message.type in signalling.OPTIONS_START:
            yield frame, [(kind, data) for kind, _, data in signalling.walk(message.octets) if kind > 1]


def compare(binary, path):
    """What differs, and how many values agree."""
    said, problems, count = decoded(binary, path), [], 0
    for frame, options in messages(path):
        told = [option for option in said[frame].get("options", []) if option["type"] == 45]
        octets = [data for kind, data in options if kind == 45]
        if len(told) != len(octets):
            problems.append(f"frame {frame}: {len(octets)} flows, of which plait sees {len(told)}")
            continue
        for data, option in zip(octets, told):
            try:
                count += flows(data, option["fields"])
            except Wrong as wrong:
                problems.append(f"frame {frame}, flow {option['fields'].get('fid')}: {wrong}")
    return problems, count


# --- The dissector -------------------------------------------------------------------------------------------------

# Our name in the dissector, option, name at plait.
DISSECTED = [
    ("plait.mmb.if_label", 63, "if-label"), ("plait.mmb.binding_id", 63, "binding-id"),
    ("plait.mmb.if_att", 63, "if-att"), ("plait.mmb.bulk", 63, "bulk"), ("plait.mmb.overwrite", 63, "overwrite"),
    ("plait.mag_id.identifier", 64, "identifier"), ("plait.summary.fid", 44, "fid"), ("plait.flow.fid", 45, "fid"),
    ("plait.flow.fid_pri", 45, "fid-pri"), ("plait.flow.status", 45, "status"),
    ("plait.flow.bid", 45, "binding-reference.bid"), ("plait.selector.format", 45, "traffic-selector.format"),
    ("plait.scheme.treatment", 45, "flow-vendor-specific.treatment"),
    ("plait.scheme.strict", 45, "flow-vendor-specific.strict"),
    ("plait.scheme.label", 45, "flow-vendor-specific.labels"),
    ("plait.scheme.guaranteed_rate", 45, "flow-vendor-specific.guaranteed-rate"),
    ("plait.scheme.maximum_rate", 45, "flow-vendor-specific.maximum-rate"),
    ("plait.scheme.name", 45, "flow-vendor-specific.name"),
    ("plait.metrics.downlink_rate", 19, "downlink-rate"), ("plait.metrics.uplink_rate", 19, "uplink-rate"),
    ("plait.metrics.quota_left", 19, "quota-left"),
]
DISSECTED += [
    (f"plait.selector.{name.replace('-', '_')}", 45, f"traffic-selector.{name}")
    for name in dict.fromkeys(row[4] for row in IPV4 + IPV6)
]
TREATMENTS = {"pin": "1", "bond": "2", "overflow": "3", "duplicate": "4", "bypass": "5", "drop": "6"}


def spoken(value):
    """A value of plait's as tshark prints it, or several."""
    if isinstance(value, bool):
        return ["1" if value else "0"]
    return [TREATMENTS.get(part, part) for part in str(value).split(" ") if part]


def dissect(binary, dissector, path):
    names = [name for name, _, _ in DISSECTED]
    command = ["tshark", "-n", "-X", f"lua_script:{dissector}", "-r", str(path), "-T", "fields", "-E", "separator=|"]
    for name in ["frame.number", *names, "plait.truncated"]:
        command += ["-e", name]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    if "Lua" in run.stderr:
        raise subprocess.CalledProcessError(1, command, stderr=run.stderr)
    rows = [line.split("|") for line in run.stdout.splitlines()]
    said, problems, count = decoded(binary, path), [], 0
    for row in rows:
        frame = int(row[0])
        if row[-1]:
            problems.append(f"frame {frame}: the dissector finds an end too early")
        options = said.get(frame, {}).get("options", [])
        for (name, kind, field), text in zip(DISSECTED, row[1:]):
            theirs = text.split(",") if text else []
            ours = [
                word for option in options if option["type"] == kind and field in option["fields"]
                for word in spoken(option["fields"][field])
            ]
            if ours != theirs:
                problems.append(f"frame {frame}: {name} is {theirs} to the dissector, and {ours} to plait")
            count += len(ours)
    return problems, count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captures", nargs="+")
    parser.add_argument("--plait", required=True, metavar="BINARY")
    parser.add_argument("--dissector", metavar="FILE.lua")
    arguments = parser.parse_args()
    failed, compared = False, 0
    for path in arguments.captures:
        try:
            problems, count = compare(arguments.plait, path)
            asked = dissect(arguments.plait, arguments.dissector, path) if arguments.dissector else ([], 0)
        except (signalling.Unreadable, OSError, subprocess.CalledProcessError, ValueError) as error:
            print(f"{path}: {error} {getattr(error, 'stderr', '') or ''}", file=sys.stderr)
            return 2
        for problem in problems + asked[0]:
            print(f"FAILED {path}: {problem}", file=sys.stderr)
        print(f"{path}: {count} values by RFC 6088, {asked[1]} by the dissector, {len(problems + asked[0])} problems")
        failed = failed or bool(problems) or bool(asked[0])
        compared += count
    return 1 if failed or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
