// SPDX-License-Identifier: Apache-2.0
import Wire
import Yams

/// A place in a configuration file: a YAML node, with what is needed to say where it stands.
///
/// Each method reads the node as one kind of value and throws if it is none. Nothing is converted silently:
/// text that YAML itself would take for a number or a truth value is read as it is written.
struct ConfigurationNode {
    private let node: Node
    private let file: String
    let keyPath: String

    init(_ node: Node, file: String, keyPath: String = "") {
        self.node = node
        self.file = file
        self.keyPath = keyPath
    }

    /// An error at this place.
    func failure(_ problem: String, hint: String? = nil) -> ConfigurationError {
        ConfigurationError(file: file, line: node.mark?.line, keyPath: keyPath, problem: problem, hint: hint)
    }

    // MARK: Sections and lists

    var isSection: Bool {
        if case .mapping = node { true } else { false }
    }

    /// A mapping that has no other keys than these.
    func section(_ allowed: [String]) throws(ConfigurationError) -> ConfigurationSection {
        let entries = try entries()
        for entry in entries where !allowed.contains(entry.key) {
            let nearest = Spelling.nearest(to: entry.key, among: allowed).map { "did you mean \($0)? " } ?? ""
            throw entry.keyNode.failure(
                "unknown key",
                hint: "\(nearest)allowed here: \(allowed.joined(separator: ", "))"
            )
        }
        return ConfigurationSection(node: self, entries: entries.map { ($0.key, $0.value) })
    }

    /// A mapping whose keys are values themselves; `keyNode` is the place of the key.
    func entries() throws(ConfigurationError) -> [(key: String, keyNode: ConfigurationNode, value: ConfigurationNode)] {
        guard case .mapping(let mapping) = node else { throw failure("\(found) is not a section of keys and values") }
        var entries: [(key: String, keyNode: ConfigurationNode, value: ConfigurationNode)] = []
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else { throw failure("has a key that is not text") }
            let path = keyPath.isEmpty ? scalar.string : "\(keyPath).\(scalar.string)"
            let keyNode = ConfigurationNode(key, file: file, keyPath: path)
            entries.append((scalar.string, keyNode, ConfigurationNode(value, file: file, keyPath: path)))
        }
        return entries
    }

    /// A list with at least so many items.
    func list(atLeast minimum: Int = 0) throws(ConfigurationError) -> [ConfigurationNode] {
        guard case .sequence(let sequence) = node else { throw failure("\(found) is not a list") }
        guard sequence.count >= minimum else {
            throw failure("the list is empty", hint: "it needs at least \(minimum)")
        }
        return sequence.enumerated().map { index, item in
            ConfigurationNode(item, file: file, keyPath: "\(keyPath)[\(index)]")
        }
    }

    var isList: Bool {
        if case .sequence = node { true } else { false }
    }

    /// The items of a list that has some, or the single value that stands in its place.
    func oneOrMore() throws(ConfigurationError) -> [ConfigurationNode] { isList ? try list(atLeast: 1) : [self] }

    // MARK: Single values

    /// Text that is not empty, has no blanks and no control characters, and fits into so many octets.
    func word(atMost limit: Int) throws(ConfigurationError) -> String {
        let text = try scalar("text")
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .unassigned, .spaceSeparator, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
        guard isPlain else { throw failure("contains blanks or control characters") }
        guard text.utf8.count <= limit else { throw failure("is longer than \(limit) octets") }
        return text
    }

    /// One of the named values.
    func choice<Value>(_ choices: KeyValuePairs<String, Value>) throws(ConfigurationError) -> Value {
        let names = choices.map(\.key).joined(separator: ", ")
        let text = try scalar("one of \(names)")
        guard let choice = choices.first(where: { $0.key == text }) else {
            throw failure("\"\(text)\" is not one of \(names)")
        }
        return choice.value
    }

    func truth() throws(ConfigurationError) -> Bool {
        try choice(["true": true, "false": false])
    }

    /// A decimal number without quotes.
    func integer(in range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        let text = try scalar("a number")
        guard isPlain, text.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw failure("\"\(text)\" is not a number", hint: bounds(range))
        }
        guard let value = Int(text), range.contains(value) else {
            throw failure("\(text) is out of range", hint: bounds(range))
        }
        return value
    }

    /// A whole number with the unit `ms`, `s`, `m` or `h`.
    func duration(in range: ClosedRange<Duration>) throws(ConfigurationError) -> Duration {
        let units: [String: Int64] = ["ms": 1, "s": 1000, "m": 60000, "h": 3_600_000]
        let (text, value) = try quantity("a duration such as 300ms, 4s, 5m, 1h", units: units)
        guard let value, range.contains(.milliseconds(value)) else {
            throw failure(
                "\(text) is out of range",
                hint: "from \(range.lowerBound.configurationText) to \(range.upperBound.configurationText)"
            )
        }
        return .milliseconds(value)
    }

    /// A whole number with the unit `kbit`, `mbit` or `gbit`, in decimal multiples of a bit per second.
    func bitRate() throws(ConfigurationError) -> BitRate {
        let (text, value) = try quantity("a rate such as 500kbit, 20mbit, 1gbit", units: ScaledNumber.bitRates)
        guard let value, value > 0, value <= BitRate.limit.bitsPerSecond else {
            throw failure("\(text) is out of range", hint: "from 1kbit to 1000gbit")
        }
        return BitRate(bitsPerSecond: value)
    }

    /// A whole number with the unit `b`, `kb`, `mb`, `gb` or `tb`, in decimal multiples of an octet.
    func octets(atLeast minimum: Int64) throws(ConfigurationError) -> UInt64 {
        let (text, value) = try quantity("a number of octets such as 500mb, 50gb, 1tb", units: ScaledNumber.octets)
        guard let value, value >= minimum else {
            throw failure("\(text) is out of range", hint: "at least \(minimum)b")
        }
        return UInt64(value)
    }

    /// An address that a host beyond its link can be reached at.
    func ipv6Address() throws(ConfigurationError) -> IPv6Address {
        let text = try scalar("an IPv6 address")
        guard let address = IPv6Address(text) else { throw failure("\"\(text)\" is not an IPv6 address") }
        guard address.isRoutableUnicast else { throw failure("\(text) is not a unicast address beyond a link") }
        return address
    }

    /// An address that a host can be reached at.
    func ipv4Address() throws(ConfigurationError) -> IPv4Address {
        let text = try scalar("an IPv4 address")
        guard let address = IPv4Address(text) else { throw failure("\"\(text)\" is not an IPv4 address") }
        guard address.isUnicast else { throw failure("\(text) is not a unicast address") }
        return address
    }

    func address() throws(ConfigurationError) -> IPAddress {
        try scalar("an address").contains(":") ? .v6(try ipv6Address()) : .v4(try ipv4Address())
    }

    /// A prefix whose host bits are zero and whose addresses are unicast.
    func prefix(_ family: AddressFamily) throws(ConfigurationError) -> IPPrefix {
        let text = try scalar("an \(family) prefix such as \(family.examplePrefix)")
        guard let prefix = IPPrefix(text), prefix.isIPv4 == (family == .ipv4) else {
            let cleared = Self.withHostBitsCleared(text, family).map { "did you mean \($0)?" }
            throw failure("\"\(text)\" is not an \(family) prefix", hint: cleared ?? "such as \(family.examplePrefix)")
        }
        guard prefix.length > 0, prefix.address.isRoutableUnicast else {
            throw failure("\(text) is not a prefix of unicast addresses")
        }
        return prefix
    }

    func prefixOfEitherFamily() throws(ConfigurationError) -> IPPrefix {
        try prefix(try scalar("a prefix such as \(AddressFamily.ipv6.examplePrefix)").contains(":") ? .ipv6 : .ipv4)
    }

    /// Octets in hexadecimal. The text is a secret: no error repeats it.
    func secret(atLeast minimum: Int, atMost maximum: Int) throws(ConfigurationError) -> [UInt8] {
        let text = try scalar("a key in hexadecimal")
        let digits = text.compactMap(\.hexDigitValue).map { UInt8(truncatingIfNeeded: $0) }
        guard digits.count == text.count, text.utf8.count == text.count else {
            throw failure("the key has characters that are no hexadecimal digits")
        }
        guard digits.count.isMultiple(of: 2) else { throw failure("the key has an odd number of hexadecimal digits") }
        let octets = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        guard (minimum...maximum).contains(octets.count) else {
            throw failure("the key has \(octets.count) octets", hint: bounds(minimum...maximum))
        }
        return octets
    }

    /// The name of an interface of the operating system.
    func interfaceName() throws(ConfigurationError) -> String {
        // IFNAMSIZ is 16 with the end mark.
        let name = try word(atMost: 15)
        // In the name of a new device the kernel replaces %d by a number: ours would then be another's. The packet
        // filter's rules have names in quotes.
        guard name != ".", name != "..", !name.contains(where: { "/:%\"\\".contains($0) }) else {
            throw failure("\"\(name)\" is not the name of an interface")
        }
        return name
    }

    /// The path of a Unix socket.
    func socketPath() throws(ConfigurationError) -> String {
        let path = try word(atMost: 107)
        guard path.hasPrefix("/"), !path.hasSuffix("/") else {
            throw failure("\"\(path)\" is not the absolute path of a socket")
        }
        return path
    }

    // MARK: Parts

    private var isPlain: Bool {
        if case .scalar(let scalar) = node { scalar.style == .plain } else { false }
    }

    /// The node in words, for the sentence "… is not a list".
    private var found: String {
        switch node {
        case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "a single value"
        case .mapping: "a section"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }

    private func scalar(_ expected: String) throws(ConfigurationError) -> String {
        guard case .scalar(let scalar) = node else { throw failure("\(found) is not \(expected)") }
        guard !scalar.string.isEmpty else { throw failure("the value is missing", hint: "it is \(expected)") }
        return scalar.string
    }

    /// A number and its unit's multiple of the smallest unit; no value if that overflows.
    private func quantity(_ expected: String, units: [String: Int64]) throws(ConfigurationError) -> (String, Int64?) {
        let text = try scalar(expected)
        switch ScaledNumber(text, units: units) {
        case .value(let value): return (text, value)
        case .tooLarge: return (text, nil)
        case nil: throw failure("\"\(text)\" is not \(expected)")
        }
    }

    private func bounds(_ range: ClosedRange<Int>) -> String {
        range.upperBound == .max ? "at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
    }

    private static func withHostBitsCleared(_ text: String, _ family: AddressFamily) -> String? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(parts[0]), address.isIPv4 == (family == .ipv4),
            let length = Int(parts[1])
        else { return nil }
        return IPPrefix(address, length: length)?.description
    }
}

extension Duration {
    /// As a configuration says it, in the greatest unit that leaves no rest; to the millisecond.
    var configurationText: String {
        let milliseconds = wholeNanoseconds / 1_000_000
        for (unit, size) in [("h", Int64(3_600_000)), ("m", 60000), ("s", 1000)] where milliseconds.isMultiple(of: size)
        {
            return "\(milliseconds / size)\(unit)"
        }
        return "\(milliseconds)ms"
    }
}
