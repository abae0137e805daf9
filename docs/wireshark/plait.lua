-- SPDX-License-Identifier: Apache-2.0
-- Wireshark reads the headers of mobility messages; this adds what it does not know of their options: multipath
-- (RFC 8278: 63, 64), flow bindings (RFC 6089: 44, 45, with the selectors of RFC 6088), and what Plait puts into vendors'
-- places (19 and sub-option 255, docs/flow-signalling.md); and in tunnels Plait's probes and reports of paths (GRE
-- protocol type 0x88B5, next header 253, docs/path-probes.md, docs/path-reports.md, docs/path-mtu.md).
--
--     wireshark -X lua_script:docs/wireshark/plait.lua        tshark -X lua_script:docs/wireshark/plait.lua
--
-- Filters: plait_path.report.expected == 3, plait.flow.fid == 3, plait.mmb.label == 9, plait.selector.source_port == "443", plait.metrics.quota_left == 0

local plait = Proto("plait", "Multipath Proxy Mobile IPv6 options")

local VENDOR = 32473
local TREATMENTS = {
    [1] = "pin", [2] = "bond", [3] = "overflow", [4] = "duplicate", [5] = "bypass", [6] = "drop",
}
local STATUSES = {
    [0] = "successful", [128] = "administratively prohibited", [129] = "rejected", [130] = "malformed",
    [131] = "binding identifier not found", [132] = "flow identifier not found",
    [133] = "traffic selector format not supported",
}

local f = {
    mmb_technology = ProtoField.uint8("plait.mmb.if_att", "Interface Access Technology Type"),
    mmb_label = ProtoField.uint8("plait.mmb.if_label", "Interface Label"),
    mmb_binding = ProtoField.uint8("plait.mmb.binding_id", "Binding ID"),
    mmb_bulk = ProtoField.bool("plait.mmb.bulk", "Bulk re-registration", 8, nil, 0x80),
    mmb_overwrite = ProtoField.bool("plait.mmb.overwrite", "Overwrite", 8, nil, 0x40),
    mag_subtype = ProtoField.uint8("plait.mag_id.subtype", "Subtype"),
    mag_identifier = ProtoField.string("plait.mag_id.identifier", "MAG Identifier"),
    kept = ProtoField.uint16("plait.summary.fid", "Flow Identifier"),
    fid = ProtoField.uint16("plait.flow.fid", "Flow Identifier"),
    priority = ProtoField.uint16("plait.flow.fid_pri", "Priority"),
    status = ProtoField.uint8("plait.flow.status", "Status", base.DEC, STATUSES),
    binding = ProtoField.uint16("plait.flow.bid", "Binding Identifier"),
    format = ProtoField.uint8("plait.selector.format", "Traffic Selector Format"),
    treatment = ProtoField.uint8("plait.scheme.treatment", "Treatment", base.DEC, TREATMENTS),
    strict = ProtoField.bool("plait.scheme.strict", "Strict", 8, nil, 0x80),
    names_bindings = ProtoField.bool("plait.scheme.names_bindings", "Names bindings", 8, nil, 0x40),
    label = ProtoField.uint8("plait.scheme.label", "Label"),
    guaranteed = ProtoField.uint64("plait.scheme.guaranteed_rate", "Guaranteed rate (bit/s)"),
    maximum = ProtoField.uint64("plait.scheme.maximum_rate", "Maximum rate (bit/s)"),
    name = ProtoField.string("plait.scheme.name", "Name"),
    version = ProtoField.uint8("plait.announcement.version", "Version"),
    probes = ProtoField.bool("plait.announcement.path_probes", "Knows path probes", 8, nil, 0x01),
    schemes = ProtoField.bool("plait.announcement.flow_schemes", "Knows flow schemes", 8, nil, 0x02),
    anchor_rules = ProtoField.bool("plait.announcement.anchor_rules", "Has the anchor's rules", 8, nil, 0x04),
    reports = ProtoField.bool("plait.announcement.path_reports", "Knows path reports", 8, nil, 0x08),
    sizes = ProtoField.bool("plait.announcement.size_probes", "Answers probes of sizes", 8, nil, 0x10),
    number = ProtoField.uint64("plait.announcement.number", "Number", base.HEX),
    downlink = ProtoField.uint64("plait.metrics.downlink_rate", "Downlink rate (bit/s)"),
    uplink = ProtoField.uint64("plait.metrics.uplink_rate", "Uplink rate (bit/s)"),
    measured = ProtoField.bool("plait.metrics.measured", "Measured"),
    cost = ProtoField.uint8("plait.metrics.cost_class", "Cost class"),
    quota = ProtoField.uint64("plait.metrics.quota_left", "Quota left (octets)"),
    source_address = ProtoField.string("plait.selector.source_address", "Source address"),
    destination_address = ProtoField.string("plait.selector.destination_address", "Destination address"),
    ipsec_spi = ProtoField.string("plait.selector.ipsec_spi", "IPsec SPI"),
    flow_label = ProtoField.string("plait.selector.flow_label", "Flow label"),
    source_port = ProtoField.string("plait.selector.source_port", "Source port"),
    destination_port = ProtoField.string("plait.selector.destination_port", "Destination port"),
    dscp = ProtoField.string("plait.selector.dscp", "DSCP"),
    protocol = ProtoField.string("plait.selector.protocol", "Protocol"),
    next_header = ProtoField.string("plait.selector.next_header", "Next header"),
    data = ProtoField.bytes("plait.data", "Data"),
}
local all = {}
for _, field in pairs(f) do all[#all + 1] = field end
plait.fields = all

local truncated = ProtoExpert.new("plait.truncated", "Ends too early", expert.group.MALFORMED, expert.severity.ERROR)
plait.experts = { truncated }

local mh_type = Field.new("mip6.mhtype")

-- Where options begin, by MH type: BU, BA, heartbeat, revocation, UPN, UPA, flow binding.
local OPTIONS = { [5] = 12, [6] = 12, [13] = 12, [16] = 12, [19] = 12, [20] = 12, [21] = 12 }

local function number(range) return range:uint() end
local function address4(range) return tostring(range:ipv4()) end
local function address6(range) return tostring(range:ipv6()) end
local function code_point(range) return range:bitfield(0, 6) end
local function label(range) return range:uint() % 0x100000 end

-- RFC 6088 §3.1, §3.2: field, octets, how it is read; two flags each, from the left.
local SELECTORS = {
    [1] = {
        { f.source_address, 4, address4 }, { f.destination_address, 4, address4 }, { f.ipsec_spi, 4, number },
        { f.source_port, 2, number }, { f.destination_port, 2, number }, { f.dscp, 1, code_point },
        { f.protocol, 1, number },
    },
    [2] = {
        { f.source_address, 16, address6 }, { f.destination_address, 16, address6 }, { f.ipsec_spi, 4, number },
        { f.flow_label, 4, label }, { f.source_port, 2, number }, { f.destination_port, 2, number },
        { f.dscp, 1, code_point }, { f.next_header, 1, number },
    },
}

local function selector(range, tree)
    tree:add(f.format, range(0, 1))
    local parts = SELECTORS[range(0, 1):uint()]
    if not parts then
        if range:len() > 2 then tree:add(f.data, range(2)) end
        return
    end
    local flags, at = range(2, 4):uint(), 6
    for index, part in ipairs(parts) do
        local field, size, read = part[1], part[2], part[3]
        local has_start = bit.band(bit.rshift(flags, 33 - 2 * index), 1) == 1
        local has_end = bit.band(bit.rshift(flags, 32 - 2 * index), 1) == 1
        if has_start then
            local text, length = tostring(read(range(at, size))), size
            if has_end then
                text = text .. "-" .. tostring(read(range(at + size, size)))
                length = 2 * size
            end
            tree:add(field, range(at, length), text)
            at = at + length
        end
    end
end

local function scheme(range, tree)
    tree:add(f.treatment, range(0, 1))
    tree:add(f.strict, range(1, 1))
    tree:add(f.names_bindings, range(1, 1))
    local count = range(2, 1):uint()
    for index = 1, count do tree:add(f.label, range(2 + index, 1)) end
    tree:add(f.guaranteed, range(3 + count, 8))
    tree:add(f.maximum, range(11 + count, 8))
    if range:len() > 19 + count then tree:add(f.name, range(19 + count), range(19 + count):string(ENC_UTF_8)) end
end

local function flow(range, tree)
    tree:add(f.fid, range(0, 2))
    tree:add(f.priority, range(2, 2))
    tree:add(f.status, range(5, 1))
    local at = 6
    while at < range:len() do
        local kind = range(at, 1):uint()
        if kind == 0 then
            at = at + 1
        else
            local length = range(at + 1, 1):uint()
            local data = length > 0 and range(at + 2, length) or nil
            if kind == 2 and data then
                for place = 0, length - 2, 2 do tree:add(f.binding, data(place, 2)) end
            elseif kind == 3 and data then
                selector(data, tree:add(plait, range(at, length + 2), "Traffic Selector"))
            elseif kind == 255 and length >= 5 and data(0, 4):uint() == VENDOR and data(4, 1):uint() == 1 then
                scheme(data(5), tree:add(plait, range(at, length + 2), "Scheme"))
            end
            at = at + 2 + length
        end
    end
end

local ELEMENTS = { [1] = f.downlink, [2] = f.uplink, [3] = f.measured, [4] = f.cost, [5] = f.quota }

local function vendor(range, tree)
    if range(0, 4):uint() ~= VENDOR then return end
    local kind = range(4, 1):uint()
    if kind == 1 then
        tree:set_text("Plait announcement")
        tree:add(f.version, range(5, 1))
        tree:add(f.probes, range(6, 1))
        tree:add(f.schemes, range(6, 1))
        tree:add(f.anchor_rules, range(6, 1))
        tree:add(f.reports, range(6, 1))
        tree:add(f.sizes, range(6, 1))
        if range:len() >= 15 then tree:add(f.number, range(7, 8)) end
    elseif kind == 2 then
        tree:set_text("Plait link metrics")
        local at = 5
        while at < range:len() do
            local length = range(at + 1, 1):uint()
            local field = ELEMENTS[range(at, 1):uint()]
            if field then tree:add(field, range(at + 2, length)) end
            at = at + 2 + length
        end
    end
end

local function multipath(range, tree)
    tree:add(f.mmb_technology, range(0, 1))
    tree:add(f.mmb_label, range(1, 1))
    tree:add(f.mmb_binding, range(2, 1))
    tree:add(f.mmb_bulk, range(3, 1))
    tree:add(f.mmb_overwrite, range(3, 1))
end

local function summary(range, tree)
    for place = 0, range:len() - 2, 2 do tree:add(f.kept, range(place, 2)) end
end

local function gateway(range, tree)
    tree:add(f.mag_subtype, range(0, 1))
    -- A reserved octet stands between.
    if range:len() > 2 then tree:add(f.mag_identifier, range(2), range(2):string(ENC_UTF_8)) end
end

local KNOWN = {
    [19] = { "Vendor Specific", vendor }, [44] = { "Flow Summary", summary },
    [45] = { "Flow Identification", flow }, [63] = { "MAG Multipath Binding", multipath },
    [64] = { "MAG Identifier", gateway },
}

local function options(message, tree)
    local at = OPTIONS[message(2, 1):uint()]
    if not at then return end
    while at < message:len() do
        local kind = message(at, 1):uint()
        if kind == 0 then
            at = at + 1
        else
            local length = message(at + 1, 1):uint()
            local known = KNOWN[kind]
            if known and length > 0 then
                local part = tree:add(plait, message(at, length + 2), known[1])
                -- A range past the end is an error of the sender's, and none of ours.
                if not pcall(known[2], message(at + 2, length), part) then part:add_proto_expert_info(truncated) end
            end
            at = at + 2 + length
        end
    end
end

function plait.dissector(_, _, tree)
    for _, info in ipairs({ mh_type() }) do
        local source = info.source
        local start = info.offset - 2
        local length = (source(start + 1, 1):uint() + 1) * 8
        local message = source(start, math.min(length, source:len() - start))
        local part = tree:add(plait, message)
        if not pcall(options, message, part) then part:add_proto_expert_info(truncated) end
    end
end

register_postdissector(plait)

-- Probes and reports of paths.

local path = Proto("plait_path", "Multipath Proxy Mobile IPv6 path")
local p = {
    version = ProtoField.uint8("plait_path.version", "Version"),
    hears = ProtoField.bool("plait_path.hears", "Hears the other end", 8, nil, 0x80),
    anchor = ProtoField.bool("plait_path.anchor", "Sent by the anchor", 8, nil, 0x40),
    cut = ProtoField.bool("plait_path.report.cut", "There would be more runs", 8, nil, 0x20),
    interval = ProtoField.uint16("plait_path.interval", "Interval (ms)"),
    binding = ProtoField.uint8("plait_path.binding_id", "Binding ID"),
    sent = ProtoField.uint64("plait_path.sent", "Send time (ns)"),
    echo = ProtoField.uint64("plait_path.echo", "Echoed send time (ns)"),
    held = ProtoField.uint32("plait_path.held_for", "Held for (us)"),
    made = ProtoField.uint64("plait_path.report.made", "Made at (ns)"),
    next = ProtoField.uint32("plait_path.report.next", "Next number"),
    expected = ProtoField.uint32("plait_path.report.expected", "Expected number"),
    reception = ProtoField.bytes("plait_path.report.path", "Path"),
    numbered = ProtoField.bool("plait_path.report.numbered", "Numbers came", 8, nil, 0x40),
    newest = ProtoField.uint32("plait_path.report.newest", "Newest number"),
    newest_age = ProtoField.uint32("plait_path.report.newest_age", "Since its arrival (us)"),
    octets = ProtoField.uint64("plait_path.report.octets", "Octets"),
    octets_age = ProtoField.uint32("plait_path.report.octets_age", "Since the last of them (us)"),
    missing = ProtoField.uint16("plait_path.report.missing", "Missing"),
    arrived = ProtoField.uint16("plait_path.report.arrived", "Arrived"),
    answer = ProtoField.bool("plait_path.size.answer", "Answer", 8, nil, 0x80),
    size = ProtoField.uint16("plait_path.size.length", "Length"),
    number = ProtoField.uint64("plait_path.size.number", "Number"),
    tag = ProtoField.uint64("plait_path.tag", "Tag", base.HEX),
}
local all_of_paths = {}
for _, field in pairs(p) do all_of_paths[#all_of_paths + 1] = field end
path.fields = all_of_paths
local cut_short = ProtoExpert.new("plait_path.truncated", "Ends too early", expert.group.MALFORMED, expert.severity.ERROR)
path.experts = { cut_short }

local function promise(range, tree)
    tree:add(p.hears, range(1, 1))
    tree:add(p.interval, range(2, 2))
end

local function probe(range, tree)
    promise(range, tree)
    tree:add(p.sent, range(8, 8))
    tree:add(p.echo, range(16, 8))
    tree:add(p.held, range(24, 4))
    tree:add(p.tag, range(32, 8))
end

local function report(range, tree)
    promise(range, tree)
    tree:add(p.cut, range(1, 1))
    tree:add(p.sent, range(8, 8))
    tree:add(p.made, range(16, 8))
    tree:add(p.next, range(24, 4))
    tree:add(p.expected, range(28, 4))
    local at = 32
    for _ = 1, range(5, 1):uint() do
        local part = tree:add(p.reception, range(at, 36))
        part:add(p.binding, range(at, 1))
        part:add(p.hears, range(at + 1, 1))
        part:add(p.numbered, range(at + 1, 1))
        part:add(p.newest, range(at + 4, 4))
        part:add(p.newest_age, range(at + 8, 4))
        part:add(p.octets, range(at + 12, 8))
        part:add(p.octets_age, range(at + 20, 4))
        part:add(p.echo, range(at + 24, 8))
        part:add(p.held, range(at + 32, 4))
        at = at + 36
    end
    for place = 1, range(6, 1):uint() do
        tree:add(place % 2 == 1 and p.missing or p.arrived, range(at, 2))
        at = at + 2
    end
    tree:add(p.tag, range(at, 8))
end

local function size(range, tree)
    tree:add(p.answer, range(1, 1))
    tree:add(p.size, range(2, 2))
    tree:add(p.number, range(8, 8))
    tree:add(p.tag, range(16, 8))
end

local FORMATS = { [1] = { "Path probe", probe }, [2] = { "Path report", report }, [3] = { "Path size probe", size } }

function path.dissector(buffer, info, tree)
    local format = FORMATS[buffer(0, 1):uint()]
    if not format then return 0 end
    info.cols.protocol = "PLAIT"
    info.cols.info = format[1]
    local range = buffer()
    local part = tree:add(path, range, format[1])
    local function head()
        part:add(p.version, range(0, 1))
        part:add(p.anchor, range(1, 1))
        part:add(p.binding, range(4, 1))
        format[2](range, part)
    end
    if not pcall(head) then part:add_proto_expert_info(cut_short) end
    return buffer:len()
end

DissectorTable.get("gre.proto"):add(0x88B5, path)
DissectorTable.get("ip.proto"):add(253, path)
