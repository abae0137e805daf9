// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A record as octets, with a version in front and a check value at the end: what a disk made of it is noticed, record
/// by record.
extension SessionRecord {
    /// Later versions may add fields; this one reads none but its own, and those of the version before.
    private static let version: UInt8 = 2
    private static let versionWithoutFlows: UInt8 = 1

    package var octets: [UInt8] {
        var writer = ByteWriter()
        // An older program reads what has nothing new to say.
        let hasNews = hasSchemes || !flows.isEmpty || legs.contains { !$0.metrics.isEmpty }
        writer.octet(hasNews ? Self.version : Self.versionWithoutFlows)
        writer.node(identifier.mobileNode)
        writer.uint32(identifier.number)
        writer.node(gateway)
        writer.truth(isMultipath)
        writer.list(homeNetworkPrefixes) { $0.prefix($1) }
        writer.list(delegatedPrefixes) { $0.prefix($1) }
        writer.optional(homeAddress) { $0.uint32($1.value) }
        writer.optional(downlinkKey) { $0.uint32($1) }
        writer.optional(uplinkKey) { $0.uint32($1) }
        writer.optional(probeNumbers) {
            $0.uint64($1.gateway)
            $0.uint64($1.anchor)
        }
        writer.optional(accessTechnology) { $0.octet($1.rawValue) }
        writer.optional(linkLayerIdentifier) { writer, octets in writer.list(octets) { $0.octet($1) } }
        writer.truth(isConfirmed)
        writer.optional(linkLocalAddress) { $0.bytes($1.octets) }
        writer.optional(restartCounter) { $0.uint32($1) }
        writer.uint32(reserve.first)
        writer.uint32(reserve.start)
        writer.list(legs) { $1.encode(into: &$0) }
        guard hasNews else { return writer.checked }
        writer.list(legs) { writer, leg in writer.list(leg.metrics.option.content) { $0.octet($1) } }
        writer.list(flows) { writer, flow in writer.list(flow.option.data) { $0.octet($1) } }
        writer.truth(hasSchemes)
        return writer.checked
    }

    package init(decoding octets: [UInt8]) throws(DecodeError) {
        var reader = try ByteReader(checked: octets)
        let version = try reader.octet("version")
        guard version == Self.version || version == Self.versionWithoutFlows else {
            throw DecodeError(.badValue(UInt64(version)), field: "version", offset: 0)
        }
        identifier = SessionIdentifier(mobileNode: try reader.node(), number: try reader.uint32("number"))
        gateway = try reader.node()
        isMultipath = try reader.truth("multipath")
        homeNetworkPrefixes = try reader.list { (reader) throws(DecodeError) in try reader.prefix() }
        delegatedPrefixes = try reader.list { (reader) throws(DecodeError) in try reader.prefix() }
        homeAddress = try reader.optional { (reader) throws(DecodeError) in
            IPv4Address(try reader.uint32("home address"))
        }
        downlinkKey = try reader.optional { (reader) throws(DecodeError) in try reader.uint32("downlink key") }
        uplinkKey = try reader.optional { (reader) throws(DecodeError) in try reader.uint32("uplink key") }
        probeNumbers = try reader.optional { (reader) throws(DecodeError) in
            ProbeNumbers(gateway: try reader.uint64("gateway's number"), anchor: try reader.uint64("anchor's number"))
        }
        accessTechnology = try reader.optional { (reader) throws(DecodeError) in
            AccessTechnology(rawValue: try reader.octet("access technology"))
        }
        linkLayerIdentifier = try reader.optional { (reader) throws(DecodeError) in
            try reader.list { (reader) throws(DecodeError) in try reader.octet("link-layer identifier") }
        }
        isConfirmed = try reader.truth("confirmation")
        linkLocalAddress = try reader.optional { (reader) throws(DecodeError) in
            IPv6Address(high: try reader.uint64("link-local address"), low: try reader.uint64("link-local address"))
        }
        restartCounter = try reader.optional { (reader) throws(DecodeError) in try reader.uint32("restart counter") }
        reserve = SequenceReserve(
            first: try reader.uint32("first sequence number"),
            start: try reader.uint32("start")
        )
        legs = try reader.list { (reader) throws(DecodeError) in try LegRecord(decoding: &reader) }
        if version == Self.version {
            let metrics = try reader.list { (reader) throws(DecodeError) in try LinkMetrics(stored: &reader) }
            for (index, metrics) in zip(legs.indices, metrics) { legs[index].metrics = metrics }
            flows = try reader.list { (reader) throws(DecodeError) in try FlowBinding(stored: &reader) }
            hasSchemes = try reader.truth("schemes")
        }
        try reader.finish("record")
    }
}

extension LegRecord {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.octet(binding?.rawValue ?? 0)
        writer.truth(isActive)
        writer.uint64(endsAt.value)
        for address in [careOf, outerAddress, anchorAddress, route.source, route.destination] {
            writer.address(address)
        }
        writer.optional(route.ports) {
            $0.uint16($1.source)
            $0.uint16($1.destination)
        }
        writer.uint16(lifetime.units)
        writer.octet(encapsulation.stored)
        writer.octet(interfaceLabel)
        writer.octet(interfaceTechnology.rawValue)
        writer.optional(timestamp) { $0.uint64($1.value) }
        writer.uint16(sequence)
    }

    fileprivate init(decoding reader: inout ByteReader) throws(DecodeError) {
        binding = BindingIdentifier(rawValue: try reader.octet("binding identifier"))
        isActive = try reader.truth("state")
        endsAt = Timestamp(value: try reader.uint64("end"))
        careOf = try reader.address()
        outerAddress = try reader.address()
        anchorAddress = try reader.address()
        let (source, destination) = (try reader.address(), try reader.address())
        guard var route = SignallingRoute(from: source, to: destination) else {
            throw DecodeError(.badValue(0), field: "route", offset: reader.offset)
        }
        route.ports = try reader.optional { (reader) throws(DecodeError) in
            Datagram.Ports(source: try reader.uint16("port"), destination: try reader.uint16("port"))
        }
        self.route = route
        lifetime = BindingLifetime(units: try reader.uint16("lifetime"))
        let kind = try reader.octet("encapsulation")
        guard let encapsulation = TunnelEncapsulation(stored: kind) else {
            throw DecodeError(.badValue(UInt64(kind)), field: "encapsulation", offset: reader.offset)
        }
        self.encapsulation = encapsulation
        interfaceLabel = try reader.octet("interface label")
        interfaceTechnology = AccessTechnology(rawValue: try reader.octet("access technology"))
        timestamp = try reader.optional { (reader) throws(DecodeError) in
            Timestamp(value: try reader.uint64("time stamp"))
        }
        sequence = try reader.uint16("sequence number")
    }
}

/// Both are stored as they travel.
extension LinkMetrics {
    fileprivate init(stored reader: inout ByteReader) throws(DecodeError) {
        let content = try reader.storedOctets("metrics")
        let option = VendorSpecific(vendor: VendorSpecific.plait, subtype: Self.subtype, content: content)
        self = try LinkMetrics(option) ?? LinkMetrics()
    }
}

extension FlowBinding {
    fileprivate init(stored reader: inout ByteReader) throws(DecodeError) {
        let start = reader.offset
        var data = ByteReader(try reader.storedOctets("flow binding"))
        let option = try FlowIdentification(decoding: &data)
        guard let selector = option.trafficSelector, option.subOptions.malformed.isEmpty else {
            throw DecodeError(.badValue(UInt64(option.identifier)), field: "flow binding", offset: start)
        }
        self.init(
            identifier: option.identifier,
            priority: option.priority,
            selector: selector,
            bindings: (option.bindingIdentifiers ?? []).compactMap { UInt8(exactly: $0) },
            scheme: option.scheme
        )
    }
}

extension ByteReader {
    fileprivate mutating func storedOctets(_ field: String) throws(DecodeError) -> [UInt8] {
        try list { (reader) throws(DecodeError) in try reader.octet(field) }
    }
}

extension TunnelEncapsulation {
    /// Numbers that stay, whatever is added.
    fileprivate var stored: UInt8 {
        switch self {
        case .ipInIP: 0
        case .gre: 1
        case .udp: 2
        case .udpTLV: 3
        case .udpTLVGRE: 4
        }
    }

    fileprivate init?(stored number: UInt8) {
        guard let kind = Self.allCases.first(where: { $0.stored == number }) else { return nil }
        self = kind
    }
}
