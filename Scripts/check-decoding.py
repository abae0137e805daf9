#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what `plait decode` reads in captures with what judges read that share no code with Plait.

  * tshark: updates, acknowledgements, errors, heartbeats, handovers and revocations, field by field; GRE, GTP-U and ESP
    headers.
  * pypcapkit: every message whose type it knows, among them the notifications of RFC 7077, which tshark does not.

Message vectors (--vectors FOLDER) are what Plait encodes, octet for octet; they are put behind IPv6 headers first.

Usage: check-decoding.py --plait BINARY [--vectors FOLDER] [CAPTURE.pcap …]

Exit code 0 if all agree and something was compared, 1 if something differs, 2 if a judge is missing or refuses.
Needs tshark, and pypcapkit==1.5.0b14 in the Python that runs it (see Scripts/setup-judges.sh).
"""

import argparse
import importlib.util
import io
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
spec = importlib.util.spec_from_file_location("check_signalling", HERE / "check-signalling.py")
signalling = importlib.util.module_from_spec(spec)
sys.modules["check_signalling"] = signalling
spec.loader.exec_module(signalling)

# What tshark calls the fields of a message, by its name in Plait's output.
MESSAGES = {
    ("PBU", "BU"): {"sequence": "mip6.bu.seqnr", "lifetime": "mip6.bu.lifetime"},
    ("PBA", "BA"): {"status": "mip6.ba.status", "sequence": "mip6.ba.seqnr", "lifetime": "mip6.ba.lifetime"},
    ("Binding Error",): {"status": "mip6.be.status", "home-address": "mip6.be.haddr"},
    ("Heartbeat Request", "Heartbeat Response"): {"sequence": "mip6.hb.seqnr"},
    ("Handover Initiate",): {"sequence": "mip6.hi.seqnr", "code": "mip6.hi.code"},
    ("Handover Acknowledge",): {"sequence": "mip6.hack.seqnr", "code": "mip6.hack.code"},
    ("BRI",): {"trigger": "mip6.bri_r.trigger", "sequence": "mip6.bri_seqnr"},
    ("BRA",): {"status": "mip6.bri_status", "sequence": "mip6.bri_seqnr"},
}
# In units of four seconds on the wire and at tshark.
SCALED = {"lifetime": 4}
HEADERS = {
    "GRE": {"key": "gre.key", "sequence": "gre.sequence_number"},
    "GTP-U": {"message-type": "gtp.message", "teid": "gtp.teid", "teid-data": "gtp.teid_data"},
    "ESP": {"spi": "esp.spi", "sequence": "esp.sequence"},
}
FLAGS = {letter: f"mip6.bu.{letter.lower()}_flag" for letter in "AHLKMPFTB"}
PCAPKIT = {
    "sequence": "seq", "reason": "reason", "status": "status", "trigger": "code", "code": "code", "lifetime": "lifetime",
}
# The flags of handovers by its names; tshark knows but S and U, and those of the initiation alone.
HANDOVER_FLAGS = {"S": "assign", "U": "buffer", "P": "proxy", "F": "forward"}


def tshark_fields():
    names = ["frame.number", "mip6.mhtype", *FLAGS.values()]
    for table in (*MESSAGES.values(), *HEADERS.values()):
        names += [name for name in table.values() if name not in names]
    return names


def ask_tshark(path):
    """Field by field what tshark reads, by the number of the frame."""
    names = tshark_fields()
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "separator=|", "-E", "occurrence=f"]
    for name in names:
        command += ["-e", name]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    rows = [dict(zip(names, line.split("|"))) for line in lines]
    return {int(row["frame.number"]): row for row in rows}


def ask_plait(binary, path):
    run = subprocess.run([binary, "decode", "--json", str(path)], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def number(text):
    try:
        return int(text, 0)
    except ValueError:
        return text


def differences(packet, row):
    """What tshark reads otherwise than Plait, and how many values both have read."""
    pairs = []
    name, fields = packet.get("message"), packet.get("fields", {})
    if "type" in packet:
        pairs.append(("type", packet["type"], row["mip6.mhtype"]))
    for names, table in MESSAGES.items():
        if name in names:
            pairs += [(key, fields[key], row[judge]) for key, judge in table.items()]
    if name in ("PBU", "BU"):
        # tshark calls the bit B that a mobile node's own update has for O.
        letters = fields["flags"].replace("O", "B")
        pairs += [(f"flag {letter}", int(letter in letters), row[judge]) for letter, judge in FLAGS.items()]
    headers = packet.get("headers", [])
    # tshark knows no TLV header (RFC 5845), and nothing of what follows it.
    for header in [] if any(header["name"] == "TLV" for header in headers) else headers:
        table = HEADERS.get(header["name"], {})
        pairs += [(key, header["fields"][key], row[judge]) for key, judge in table.items() if key in header["fields"]]
    found = []
    for key, ours, theirs in pairs:
        value = number(theirs)
        if isinstance(value, int):
            value *= SCALED.get(key, 1)
        if value != ours:
            found.append(f"frame {packet['frame']}: {key} is {ours} to plait and {theirs or 'nothing'} to tshark")
    return found, len(pairs)


def pcapkit_differences(packet, octets, decoder):
    """The same for pypcapkit, which reads the message alone."""
    if packet.get("message", "MH type").startswith("MH type") or "error" in packet:
        return [], 0
    info = decoder(io.BytesIO(octets), len(octets)).info
    fields, found, count = packet["fields"], [], 0
    for key, judge in PCAPKIT.items():
        theirs = getattr(info, judge, getattr(info, "code", None) if key == "status" else None)
        if key not in fields or not isinstance(theirs, int):
            continue
        count += 1
        if int(theirs) != fields[key]:
            found.append(f"frame {packet['frame']}: {key} is {fields[key]} to plait and {int(theirs)} to pypcapkit")
    flags = HANDOVER_FLAGS if packet["message"].startswith("Handover") else {}
    for letter, judge in flags.items():
        ours, theirs = letter in fields["flags"], getattr(info, judge, False)
        count += 1
        if ours != theirs:
            found.append(f"frame {packet['frame']}: flag {letter} is {ours} to plait and {theirs} to pypcapkit")
    return found, count


def vector_capture(folder, file):
    """Each vector of the folder as a packet between two documentation addresses, with its checksum."""
    source, destination = bytes.fromhex("20010db8000a" + "00" * 9 + "02"), bytes.fromhex("20010db80100" + "00" * 9 + "01")
    file.write(struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
    for path in sorted(pathlib.Path(folder).glob("*.hex")):
        lines = [line.split("#")[0] for line in path.read_text().splitlines() if not line.startswith("=")]
        message = bytearray.fromhex(" ".join(lines))
        message[4:6] = b"\x00\x00"
        message[4:6] = struct.pack(">H", signalling.checksum(source, destination, bytes(message)))
        packet = struct.pack(">IHBB", 6 << 28, len(message), 135, 64) + source + destination + message
        file.write(struct.pack("<IIII", 1700000000, 0, len(packet), len(packet)) + packet)
    file.flush()


def compare(binary, path, decoder):
    """What differs in a capture, and how many values were compared with tshark and with pypcapkit."""
    rows, problems, seen, known = ask_tshark(path), [], 0, 0
    octets = {}
    for frame, link, content in signalling.frames(path):
        message = signalling.message_of(frame, signalling.packet_of(link, content))
        if message:
            message.options = signalling.walk(message.octets) if message.type in signalling.OPTIONS_START else []
            octets[frame] = signalling.without_authentication(message)
    for packet in ask_plait(binary, path):
        found, count = differences(packet, rows[packet["frame"]])
        problems, seen = problems + found, seen + count
        if packet["frame"] in octets:
            try:
                found, count = pcapkit_differences(packet, octets[packet["frame"]], decoder)
            except Exception as error:  # whatever that tool raises is its verdict
                found, count = [f"frame {packet['frame']}: pypcapkit refuses it: {error!r}"], 0
            problems, known = problems + found, known + count
    return problems, seen, known


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captures", nargs="*")
    parser.add_argument("--plait", required=True, metavar="BINARY")
    parser.add_argument("--vectors", metavar="FOLDER")
    arguments = parser.parse_args()
    try:
        from pcapkit.protocols.internet.mh import MH as decoder
    except ImportError:
        print("pypcapkit is missing; run Scripts/setup-judges.sh and use .venv/bin/python", file=sys.stderr)
        return 2
    failed = False
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        captures = list(arguments.captures)
        if arguments.vectors:
            vector_capture(arguments.vectors, file)
            captures.append(file.name)
        for path in captures:
            try:
                problems, seen, known = compare(arguments.plait, path, decoder)
            except (signalling.Unreadable, OSError, subprocess.CalledProcessError, ValueError) as error:
                print(f"{path}: {error}", file=sys.stderr)
                return 2
            for problem in problems:
                print(f"FAILED {path}: {problem}", file=sys.stderr)
            name = arguments.vectors if path == file.name else path
            print(f"{name}: {seen} values as tshark, {known} as pypcapkit, {len(problems)} problems")
            failed = failed or bool(problems) or seen + known == 0
    return 1 if failed or not captures else 0


if __name__ == "__main__":
    sys.exit(main())
