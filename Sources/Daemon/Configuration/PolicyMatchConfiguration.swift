// SPDX-License-Identifier: Apache-2.0
import Wire

extension PolicyMatch {
    /// Keys that only the gateway can make addresses of.
    private static let learntKeys = ["terminal", "domain"]
    private static let keys = [
        "family", "remote", "local", "protocol", "remote-port", "local-port", "dscp", "flow-label", "spi",
    ]

    init(_ node: ConfigurationNode, of owner: PolicyOwner) throws(ConfigurationError) {
        self.init()
        if owner == .anchor, let (key, _, value) = try node.entries().first(where: { Self.learntKeys.contains($0.key) })
        {
            throw value.failure("only a gateway knows who that is", hint: "a rule of mag.policy can have \(key)")
        }
        let section = try node.section(Self.keys + (owner == .anchor ? [] : Self.learntKeys))
        family = try section.optional("family")?.choice(["ipv4": .ipv4, "ipv6": .ipv6])
        remote = try section.values("remote") { (item) throws(ConfigurationError) in try item.addressRange() }
        local = try section.values("local") { (item) throws(ConfigurationError) in try item.addressRange() }
        terminals = try section.values("terminal") { (item) throws(ConfigurationError) in try item.terminal() }
        domains = try section.values("domain") { (item) throws(ConfigurationError) in try item.domainPattern() }
        protocols = try section.values("protocol") { (item) throws(ConfigurationError) in try item.policyProtocol() }
        remotePorts = try section.values("remote-port") { (item) throws(ConfigurationError) in try item.portRange() }
        localPorts = try section.values("local-port") { (item) throws(ConfigurationError) in try item.portRange() }
        codePoints = try section.values("dscp") { (item) throws(ConfigurationError) in try item.codePointRange() }
        flowLabels = try section.values("flow-label") { (item) throws(ConfigurationError) in try item.flowLabelRange() }
        securityParameterIndexes = try section.values("spi") { (item) throws(ConfigurationError) in
            try item.numberRange(.min ... .max)
        }
        text = try Self.text(node)
        try check(section)
    }

    /// What can match no packet was meant otherwise.
    private func check(_ section: ConfigurationSection) throws(ConfigurationError) {
        for (key, other) in [("terminal", "local"), ("domain", "remote")] {
            if let node = section.optional(key), section.optional(other) != nil {
                throw node.failure("is there beside \(other)", hint: "either tells which host is meant")
            }
        }
        if let ports = section.optional("remote-port") ?? section.optional("local-port"), !protocols.isEmpty,
            !protocols.contains(where: \.hasPorts)
        {
            throw ports.failure("the protocol has no ports", hint: "only those of tcp and udp are looked at")
        }
        guard !isLearnt, selectors(LearntAddresses(), atMost: 1).isEmpty else { return }
        throw section.node.failure(
            "matches no packet",
            hint: "its addresses are of different families, or not of family; flow-label is IPv6's"
        )
    }

    private static func text(_ node: ConfigurationNode) throws(ConfigurationError) -> String {
        var parts: [String] = []
        for (key, _, value) in try node.entries() {
            var words: [String] = []
            for item in try value.oneOrMore() { words.append(try item.word(atMost: 256)) }
            parts.append("\(key) \(words.joined(separator: " "))")
        }
        return parts.isEmpty ? "everything" : parts.joined(separator: ", ")
    }
}

extension ConfigurationSection {
    /// Of a key that has one value or a list of them, or is absent.
    fileprivate func values<Value>(
        _ key: String,
        _ read: (ConfigurationNode) throws(ConfigurationError) -> Value
    ) throws(ConfigurationError) -> [Value] {
        var values: [Value] = []
        guard let node = optional(key) else { return [] }
        for item in try node.oneOrMore() { values.append(try read(item)) }
        return values
    }
}

extension ConfigurationNode {
    /// An address, a prefix, or a first and a last address.
    fileprivate func addressRange() throws(ConfigurationError) -> AddressRange {
        let text = try word(atMost: 128)
        let (first, last) = ends(of: text)
        var range: AddressRange?
        if let last {
            guard let first = IPAddress(first), let last = IPAddress(last) else { throw unreadable(text) }
            range = AddressRange(first, through: last)
            guard range != nil else {
                throw failure("\(text) is no range", hint: "the first address is the lower, both of one family")
            }
        } else {
            range = IPAddress(text).map { AddressRange($0) } ?? IPPrefix(text).flatMap { AddressRange($0) }
        }
        guard let range else { throw unreadable(text) }
        return range
    }

    private func unreadable(_ text: String) -> ConfigurationError {
        failure(
            "\"\(text)\" is neither an address nor a prefix nor a range",
            hint: "such as 192.0.2.7, \"2001:db8::/32\" (host bits are zero), 192.0.2.10-192.0.2.20"
        )
    }

    /// Of what stands on the two sides of a hyphen.
    private func ends(of text: String) -> (Substring, Substring?) {
        let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        return (parts.first ?? "", parts.dropFirst().first)
    }

    /// A number, or a first and a last one; with 0x in hexadecimal.
    fileprivate func numberRange<Number: FixedWidthInteger & SelectorField>(
        _ bounds: ClosedRange<Number>
    ) throws(ConfigurationError) -> SelectorRange<Number> {
        let text = try word(atMost: 64)
        let (first, last) = ends(of: text)
        let hint = "a number from \(bounds.lowerBound) to \(bounds.upperBound), or two with a hyphen between them"
        guard let start = Self.number(first, bounds), let end = Self.number(last ?? first, bounds) else {
            throw failure("\"\(text)\" is neither a number nor a range that can stand here", hint: hint)
        }
        guard start != end else { return SelectorRange(start) }
        guard let range = SelectorRange(start, through: end) else {
            throw failure("\(text) is no range", hint: "the first number is the lower")
        }
        return range
    }

    private static func number<Number: FixedWidthInteger>(_ text: Substring, _ bounds: ClosedRange<Number>) -> Number? {
        let isHexadecimal = text.hasPrefix("0x")
        let digits = isHexadecimal ? text.dropFirst(2) : text
        // Integers are read with a sign as well, which numbers of packets have not.
        guard digits.utf8.first.map({ $0 != 43 && $0 != 45 }) == true,
            let number = Number(digits, radix: isHexadecimal ? 16 : 10), bounds.contains(number)
        else { return nil }
        return number
    }

    /// Port 0 stands for packets that show none.
    fileprivate func portRange() throws(ConfigurationError) -> SelectorRange<UInt16> { try numberRange(1...65535) }

    fileprivate func codePointRange() throws(ConfigurationError) -> SelectorRange<DifferentiatedServicesCodePoint> {
        let range: SelectorRange<UInt8> = try numberRange(0...63)
        return range.map { DifferentiatedServicesCodePoint($0) }
    }

    fileprivate func flowLabelRange() throws(ConfigurationError) -> SelectorRange<FlowLabel> {
        let range: SelectorRange<UInt32> = try numberRange(0...0xF_FFFF)
        return range.map { FlowLabel($0) }
    }

    fileprivate func policyProtocol() throws(ConfigurationError) -> PolicyProtocol {
        let text = try word(atMost: 32)
        if let named = PolicyProtocol(named: text) { return named }
        guard text.first?.isNumber == true else {
            throw failure(
                "\"\(text)\" is not one of \(PolicyProtocol.names.joined(separator: ", "))",
                hint: "or a number from 0 to 255, or a range of them"
            )
        }
        return PolicyProtocol(try numberRange(0...255))
    }

    /// A link-layer address where it has colons, else a name.
    fileprivate func terminal() throws(ConfigurationError) -> PolicyTerminal {
        let text = try word(atMost: 255)
        return text.contains(":") ? .linkLayerAddress(try linkLayerAddress()) : .name(text.lowercased())
    }

    fileprivate func domainPattern() throws(ConfigurationError) -> DomainPattern {
        let text = try word(atMost: 256)
        guard let pattern = DomainPattern(text) else {
            throw failure("\"\(text)\" is not a name of the DNS", hint: "such as example.net or \"*.example.net\"")
        }
        return pattern
    }
}

extension SelectorRange {
    fileprivate func map<Other>(_ transform: (Value) -> Other) -> SelectorRange<Other> {
        end.flatMap { SelectorRange<Other>(transform(start), through: transform($0)) }
            ?? SelectorRange<Other>(transform(start))
    }
}
