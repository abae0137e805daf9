// SPDX-License-Identifier: Apache-2.0
import Crypto
import Mobility
import Testbed
import Wire

/// A proxy binding update encoded once. For each node only what differs is written into a copy, and that is signed: who
/// asks must not take longer than who answers.
struct UpdateTemplate {
    enum Kind: CaseIterable {
        case first
        /// As `first`, for the shortest lifetime.
        case passing
        case refresh
        /// One update for all paths of the node (RFC 8278 §4.1, B).
        case bulkRefresh
        case deregistration
    }

    /// Whose an update is.
    struct Subject {
        var node: Int
        var gateway: Int
        var path: Int
        /// What the authenticator covers.
        var careOf: IPAddress
    }

    /// Of a number in a name.
    static let digits = 7

    private let octets: [UInt8]
    /// Where the data of each option begin.
    private let places: [UInt8: Int]
    private let isAuthenticated: Bool

    init(_ kind: Kind, like example: HandmadeUpdate) {
        var update = example
        update.handoff = kind == .refresh || kind == .bulkRefresh ? .notChanged : .attachmentOverNewInterface
        update.multipath = MAGMultipathBinding(
            accessTechnology: .eutran,
            interfaceLabel: 1,
            bindingIdentifier: 1,
            isBulkReregistration: kind == .bulkRefresh
        )
        switch kind {
        case .first, .refresh, .bulkRefresh: break
        case .passing: update.lifetime = BindingLifetime(units: 1)
        case .deregistration: update.lifetime = .zero
        }
        update.ports = .control
        octets = update.datagram(at: Timestamp(value: 0)).octets
        places = Self.places(in: octets)
        isAuthenticated = example.authentication != .none
        for type in [MobileNodeIdentifier.type, TimestampOption.type, GREKey.type, MAGMultipathBinding.type] {
            precondition(places[type] != nil, "the template lacks option \(type)")
        }
    }

    /// Options begin behind the twelve octets of header and fixed part (RFC 6275 §6.1.7).
    private static func places(in octets: [UInt8]) -> [UInt8: Int] {
        var places: [UInt8: Int] = [:]
        var offset = 12
        while offset < octets.count {
            guard octets[offset] != Padding.pad1 else {
                offset += 1
                continue
            }
            places[octets[offset]] = offset + 2
            offset += 2 + Int(octets[offset + 1])
        }
        return places
    }

    func octets(of subject: Subject, sequence: UInt16, at timestamp: Timestamp) -> [UInt8] {
        var copy = octets
        (copy[6], copy[7]) = (UInt8(sequence >> 8), UInt8(sequence & 0xFF))
        write(number: subject.node, at: 1 + 3, of: MobileNodeIdentifier.type, into: &copy)
        write(number: subject.gateway, at: 1 + 3 + Self.digits + 4, of: MobileNodeIdentifier.type, into: &copy)
        write(number: subject.gateway, at: 2 + 3, of: MAGIdentifier.type, into: &copy)
        write(timestamp.value, at: 0, of: TimestampOption.type, into: &copy)
        write(UInt32(subject.node) + 1, at: 2, of: GREKey.type, into: &copy)
        // If-Label and Binding ID.
        write([UInt8(subject.path), UInt8(subject.path)], at: 1, of: MAGMultipathBinding.type, into: &copy)
        if isAuthenticated { sign(&copy, by: Crowd.association(of: subject.gateway), careOf: subject.careOf) }
        return copy
    }

    /// RFC 4285 §5.1; no home address is known, so zeros stand for it.
    private func sign(_ copy: inout [UInt8], by association: SecurityAssociation, careOf: IPAddress) {
        write(association.spi, at: 1, of: MessageAuthentication.type, into: &copy)
        let length = association.algorithm == .hmacSHA256_128 ? 16 : 12
        let covered = careOf.mappedToIPv6.octets + [UInt8](repeating: 0, count: 16) + copy.dropLast(length)
        let code = HMAC<SHA256>.authenticationCode(for: covered, using: SymmetricKey(data: association.key))
        copy.replaceSubrange((copy.count - length)..., with: Array(code.prefix(length)))
    }

    private func write(number: Int, at offset: Int, of type: UInt8, into copy: inout [UInt8]) {
        var rest = number
        for place in (0..<Self.digits).reversed() {
            write([UInt8(ascii: "0") + UInt8(rest % 10)], at: offset + place, of: type, into: &copy)
            rest /= 10
        }
    }

    private func write(_ value: some FixedWidthInteger, at offset: Int, of type: UInt8, into copy: inout [UInt8]) {
        let width = value.bitWidth / 8
        write(
            (0..<width).map { UInt8(truncatingIfNeeded: value >> ((width - 1 - $0) * 8)) },
            at: offset,
            of: type,
            into: &copy
        )
    }

    private func write(_ data: [UInt8], at offset: Int, of type: UInt8, into copy: inout [UInt8]) {
        guard let place = places[type] else { return }
        for (index, octet) in data.enumerated() { copy[place + offset + index] = octet }
    }
}
