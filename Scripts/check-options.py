#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has pypcapkit, which shares no code with Plait, read the vectors of our mobility options.

Each file of Tests/WireTests/Vectors/options is put into a binding update and decoded; what it says that the octets mean
(its lines "= name value", to which our own decoder is held too) has to be what pypcapkit reads. No tool known to us looks
into traffic selectors: their fields are read here, after the tables of RFC 6088 section 3; nor does any know what we have
put into vendors' places, which is read here after docs/flow-signalling.md.

Usage: check-options.py [FOLDER]

Exit code 0 if all agree, 1 if one does not, 2 if the judge is missing.
Needs pypcapkit==1.5.0b14 in the Python that runs it (see Scripts/setup-judges.sh).
"""

import ipaddress
import io
import pathlib
import sys
from datetime import timedelta

VECTORS = pathlib.Path(__file__).parent.parent / "Tests/WireTests/Vectors/options"

# Options that the judge refuses although they are as their RFC says.
REFUSED = {
    5: "wants a multiple of eight octets, RFC 6275 section 6.2.7 has twelve",
    9: "wants another length than RFC 4285 section 5",
}
# Fields that are only another way to say what another field says.
DERIVED = {"status-name"}


class Disagreement(Exception):
    pass


# --- How values are written ----------------------------------------------------------------------------------------


def text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, int):
        return str(int(value))
    return str(value)


def units(duration, milliseconds):
    """A duration as the number of units that stood on the wire."""
    return duration // timedelta(milliseconds=milliseconds)


def numbers(values):
    return " ".join(str(value) for value in values)


def readable(octets):
    return octets.decode()


def degrees(value):
    return f"{value:.5f}"


def times(parts, bits, since):
    """Seconds since 1970, and the number on the wire, whose fraction has so many bits."""
    seconds = f"{parts.seconds - since}.{parts.fraction * 1_000_000 >> bits:06d}"
    return {"timestamp": seconds, "value": parts.seconds << bits | parts.fraction}


# --- Traffic selectors (RFC 6088) ----------------------------------------------------------------------------------

SELECTORS = {
    1: [("source-address", 4), ("destination-address", 4), ("ipsec-spi", 4), ("source-port", 2),
        ("destination-port", 2), ("dscp", 1), ("protocol", 1)],
    2: [("source-address", 16), ("destination-address", 16), ("ipsec-spi", 4), ("flow-label", 4), ("source-port", 2),
        ("destination-port", 2), ("dscp", 1), ("next-header", 1)],
}


def selector(form, octets):
    fields = {"format": int(form)}
    if int(form) not in SELECTORS:
        return fields | {"data": octets}
    flags, octets = int.from_bytes(octets[:4], "big"), octets[4:]
    bit = 1 << 31
    for name, size in SELECTORS[int(form)]:
        values = []
        for _ in ("start", "end"):
            if flags & bit:
                value, octets = octets[:size], octets[size:]
                number = int.from_bytes(value, "big") >> (2 if name == "dscp" else 0)
                values.append(str(ipaddress.ip_address(value)) if name.endswith("address") else str(number))
            bit >>= 1
        if values:
            fields[name] = "-".join(values)
    if octets:
        raise Disagreement(f"{len(octets)} octets behind the traffic selector")
    return fields


# --- What we have added (docs/flow-signalling.md) -------------------------------------------------------------------

OURS = 32473
TREATMENTS = {1: "pin", 2: "bond", 3: "overflow", 4: "duplicate", 5: "bypass", 6: "drop"}


def vendors(octets):
    """A sub-option of type 255."""
    vendor, kind, rest = int.from_bytes(octets[:4], "big"), octets[4], octets[5:]
    fields = {"vendor": vendor, "sub-type": kind}
    if (vendor, kind) != (OURS, 1):
        return fields | {"data": rest}
    labels, rest, flags, treatment = rest[3:3 + rest[2]], rest[3 + rest[2]:], rest[1], TREATMENTS[rest[0]]
    return fields | {
        "treatment": treatment, "strict": flags & 0x80 != 0, "names-bindings": flags & 0x40 != 0,
        "labels": numbers(labels), "guaranteed-rate": int.from_bytes(rest[:8], "big"),
        "maximum-rate": int.from_bytes(rest[8:16], "big"), "name": readable(rest[16:]),
    }


def metrics(vendor, kind, octets):
    if (vendor, kind) != (OURS, 2):
        return {}
    names = {1: "downlink-rate", 2: "uplink-rate", 3: "measured", 4: "cost-class", 5: "quota-left"}
    fields = {"measured": False, "cost-class": 0}
    while octets:
        element, value, octets = octets[0], octets[2:2 + octets[1]], octets[2 + octets[1]:]
        if element in names:
            number = int.from_bytes(value, "big")
            fields[names[element]] = number != 0 if element == 3 else number
    return fields


# --- What the judge calls the fields -------------------------------------------------------------------------------


def identifier(o):
    plain = int(o.subtype) == 1 and o.identifier
    octets = o.identifier if isinstance(o.identifier, bytes) else str(o.identifier).encode()
    return {"subtype": o.subtype, "identifier": readable(octets) if plain else f"{int(o.subtype)}:{octets.hex()}"}


def prefix(o):
    return f"{o.prefix}/{o.prefix_length}"


def operator(o):
    kinds = {1: lambda octets: int.from_bytes(octets, "big"), 2: readable}
    return {"op-id-type": o.op_id_type, "identifier": kinds.get(int(o.op_id_type), bytes)(o.identifier)}


def present(name, value):
    return {} if value is None else {name: value}


FLOW = {
    2: ("binding-reference", lambda s: {"bid": numbers(s.bid)}),
    3: ("traffic-selector", lambda s: selector(s.ts_format, s.selector)),
    4: ("flow-binding-action", lambda s: {"action": s.action}),
    5: ("target-care-of-address", lambda s: {"address": s.address}),
    255: ("flow-vendor-specific", lambda s: vendors(s.data)),
}
ACCESS_NETWORK = {
    1: ("network-identifier", lambda s: {
        "utf-8": s.utf8, "network-name": readable(s.net_name) if s.utf8 else s.net_name,
        "access-point-name": readable(s.ap_name)}),
    2: ("geo-location", lambda s: {"latitude": degrees(s.latitude), "longitude": degrees(s.longitude)}),
    3: ("operator-identifier", operator),
    4: ("civic-location", lambda s: {"format": s.format, "location": s.location}),
    5: ("mag-group-identifier", lambda s: {"group": s.group_id}),
    6: ("ani-update-timer", lambda s: {"interval": units(s.timer, 4000)}),
}
RATES = {
    1: "per-mn-agg-max-dl-bit-rate", 2: "per-mn-agg-max-ul-bit-rate", 6: "aggregate-max-dl-bit-rate",
    7: "aggregate-max-ul-bit-rate", 8: "guaranteed-dl-bit-rate", 9: "guaranteed-ul-bit-rate",
}
SESSION_RATES = {3: "per-session-agg-max-dl-bit-rate", 4: "per-session-agg-max-ul-bit-rate"}
QUALITY = {kind: (name, lambda s: {"bits-per-second": s.rate}) for kind, name in RATES.items()}
QUALITY |= {
    kind: (name, lambda s: {"service": s.service, "exclude": s.exclude, "bits-per-second": s.rate})
    for kind, name in SESSION_RATES.items()
}
QUALITY |= {
    5: ("allocation-retention-priority", lambda s: {
        "pl": s.priority_level, "pc": s.preemption_capability, "pv": s.preemption_vulnerability}),
    10: ("qos-traffic-selector", lambda s: selector(s.ts_format, s.selector)),
    11: ("qos-vendor-specific-attribute", lambda s: {"vendor": s.vendor, "sub-type": s.subtype, "data": s.data}),
}
CONTROLLED = {
    1: ("binding-re-registration-control", lambda s: {
        "re-registration-start-time": units(s.start_time, 4000),
        "initial-retransmission-time": units(s.initial_retransmission, 1000),
        "maximum-retransmission-time": units(s.max_retransmission, 1000)}),
    2: ("heartbeat-control", lambda s: {
        "hb-interval": units(s.interval, 1000), "hb-retransmission-delay": units(s.retransmission_delay, 1000),
        "hb-max-retransmissions": s.max_retransmissions}),
}


def parts(known, found):
    """The fields of sub-options, each with the sub-option's name in front."""
    fields = {}
    for kind, part in found.items(True):
        if int(kind) in (0, 1) and known is FLOW:
            continue
        name, read = known.get(int(kind), (f"sub-option-{int(kind)}", lambda s: {"data": s.data}))
        fields |= {f"{name}.{field}": value for field, value in read(part).items()}
    return fields


OPTIONS = {
    2: lambda o: {"refresh-interval": units(o.interval, 4000)},
    3: lambda o: {"address": o.address},
    4: lambda o: {"home-nonce-index": o.home, "care-of-nonce-index": o.careof},
    6: lambda o: {"prefix": o.prefix},
    7: lambda o: {"option-code": o.code, "lla": o.lla},
    8: identifier,
    10: lambda o: times(o.ntp_timestamp, 32, since=2_208_988_800),
    19: lambda o: {"vendor": o.vendor, "sub-type": o.subtype, "data": o.data}
    | metrics(int(o.vendor), int(o.subtype), bytes(o.data)),
    20: lambda o: {"identifier": o.identifier},
    22: lambda o: {"prefix": prefix(o), "off-link": o.reserved[0] >> 7 == 1},
    23: lambda o: {"hi": o.hi},
    24: lambda o: {"att": o.att},
    25: lambda o: {"identifier": o.lli},
    26: lambda o: {"address": o.address},
    27: lambda o: times(o.pmip_timestamp, 16, since=0),
    28: lambda o: {"counter": o.counter},
    29: lambda o: {"address": f"{o.address}/{o.prefix_length}", "wants-prefix": o.request_prefix},
    30: lambda o: {"status": o.status, "address": f"{o.address}/{o.prefix_length}"},
    31: lambda o: {"forces-udp": o.force, "refresh-seconds": units(o.refresh, 1000)},
    32: lambda o: {"address": o.address},
    33: lambda o: present("key", o.key),
    35: lambda o: {"bid": o.bid, "status": o.status, "simultaneous": o.simultaneous, "bid-pri": o.bid_pri}
    | present("care-of-address", o.address),
    36: lambda o: {"address": f"{o.address}/{o.prefix_length}"},
    37: lambda o: {"status": o.status, "address": f"{o.address}/{o.prefix_length}"},
    38: lambda o: {"address": o.address},
    39: lambda o: {"server": int(o.mode) == 1},
    43: lambda o: {"late-path-switch": o.late, "lifetime": units(o.lifetime, 100)},
    44: lambda o: {"fid": numbers(o.fid)},
    45: lambda o: {"fid": o.fid, "fid-pri": o.fid_pri, "status": o.status} | parts(FLOW, o.suboptions),
    46: lambda o: {},
    47: lambda o: {"r2lma-address": o.ipv6 or o.ipv4},
    48: lambda o: {
        "priority": o.priority, "sessions-in-use": o.sessions_in_use, "maximum-sessions": o.max_sessions,
        "used-capacity": o.used_capacity, "maximum-capacity": o.max_capacity},
    49: lambda o: {"address": o.address},
    50: lambda o: {"sub-type": o.subtype, "group": o.group_id},
    51: lambda o: {"address": o.address},
    52: lambda o: parts(ACCESS_NETWORK, o.suboptions),
    53: lambda o: {"excluding": o.mode} | parts({3: FLOW[3]}, o.selector),
    55: lambda o: {"prefix": prefix(o)},
    58: lambda o: {"sr-id": o.sr_id, "dscp": o.dscp, "oc": o.oc} | parts(QUALITY, o.attributes),
    59: lambda o: present("address", o.address),
    62: lambda o: parts(CONTROLLED, o.suboptions),
    63: lambda o: {
        "if-att": o.att, "if-label": o.label, "binding-id": o.bid, "bulk": o.bulk, "overwrite": o.overwrite},
    64: identifier,
}


# --- The command ---------------------------------------------------------------------------------------------------


def vector(path):
    """Octets, and the fields that they are said to mean."""
    octets, fields = b"", {}
    for line in path.read_text().splitlines():
        if line.startswith("="):
            name, _, value = line[1:].strip().partition(" ")
            fields[name] = value.strip()
        else:
            octets += bytes.fromhex(line.split("#")[0])
    return octets, fields


def decoded(octets, decoder):
    """The option as the judge sees it, in a binding update."""
    message = bytearray([59, 0, 5, 0, 0, 0, 0, 1, 0x82, 0, 3, 0x84]) + octets
    missing = -len(message) % 8
    message += b"" if missing == 0 else b"\x00" if missing == 1 else bytes([1, missing - 2]) + bytes(missing - 2)
    message[1] = len(message) // 8 - 1
    options = decoder(io.BytesIO(bytes(message)), len(message)).info.options
    found = [option for kind, option in options.items(True) if int(kind) not in (0, 1)]
    if len(found) != 1 or int(found[0].type) != octets[0]:
        raise Disagreement(f"pypcapkit sees options {[int(option.type) for option in found]}")
    return found[0]


def judge(octets, expected, decoder):
    """How many fields the judge confirms; raises what it has against them."""
    if octets[0] not in OPTIONS:
        raise Disagreement(f"nobody has said here how pypcapkit names the fields of option {octets[0]}")
    option = decoded(octets, decoder)
    # Text that is none: pypcapkit guesses an encoding.
    if octets[0] == 20 and expected.get("identifier") == octets[2:].hex():
        return 0
    fields = {name: text(value) for name, value in OPTIONS[octets[0]](option).items()}
    expected = {name: value for name, value in expected.items() if name not in DERIVED}
    for name in sorted(fields.keys() | expected.keys()):
        if fields.get(name) != expected.get(name):
            raise Disagreement(f"{name}: pypcapkit reads {fields.get(name)}, the file says {expected.get(name)}")
    return len(fields)


def main():
    try:
        from pcapkit.protocols.internet.mh import MH as decoder
    except ImportError:
        print("pypcapkit is missing; run Scripts/setup-judges.sh and use .venv/bin/python", file=sys.stderr)
        return 2
    paths = sorted(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else VECTORS).glob("*.hex"))
    judged, confirmed, failed = 0, 0, 0
    for path in paths:
        octets, fields = vector(path)
        if octets[0] in REFUSED:
            print(f"{path.name}: not judged, pypcapkit {REFUSED[octets[0]]}")
            continue
        judged += 1
        try:
            confirmed += judge(octets, fields, decoder)
        except Exception as error:  # whatever that tool raises is its verdict
            failed += 1
            print(f"FAILED {path.name}: {error if isinstance(error, Disagreement) else repr(error)}", file=sys.stderr)
    print(f"{judged} of {len(paths)} vectors judged, {confirmed} fields confirmed, {failed} disagreements")
    return 1 if failed or not judged else 0


if __name__ == "__main__":
    sys.exit(main())
