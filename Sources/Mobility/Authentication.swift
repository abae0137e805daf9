// SPDX-License-Identifier: Apache-2.0
import Crypto
package import Wire

/// The mobility message authentication option around whole messages (RFC 4285 §5), used for every kind of message.
///
/// Covered are the care-of address, a home address and the mobility header. Proxy Mobile IPv6 knows no home address:
/// the first home network prefix in the message stands for it, or zeros.
package enum Authentication {
    package enum Verdict: Equatable, Sendable {
        case authentic
        case missing
        case unknownAssociation
        case wrong
    }

    /// The message as a datagram, with the authentication option as its last if there is a key.
    package static func seal(
        _ message: MobilityMessage,
        on route: SignallingRoute,
        careOf: IPAddress,
        by authentication: PeerAuthentication
    ) -> Datagram {
        var header = MobilityHeader(message)
        guard let association = authentication.association else { return route.datagram(of: header.octets) }
        let length = association.algorithm.length
        // The length of the whole is covered as well, so the option stands there before its value is known. It is the
        // last one, and its place leaves no padding behind it.
        header.message.options = message.options.authenticated(spi: association.spi, by: zeros(length))
        let plain = header.octets
        // A kind that we do not read has no options.
        guard header.message.options.authentication != nil else { return route.datagram(of: plain) }
        let authenticator = authenticator(of: header, octets: plain, careOf: careOf, by: association)
        return route.datagram(of: plain.dropLast(length) + authenticator)
    }

    /// Whether a received message comes from who shares the key.
    package static func verdict(
        on octets: [UInt8],
        decoded message: MobilityMessage,
        careOf: IPAddress,
        association: SecurityAssociation
    ) -> Verdict {
        guard let option = message.options.authentication else { return .missing }
        guard option.spi == association.spi else { return .unknownAssociation }
        guard option.authenticator.count == association.algorithm.length else { return .wrong }
        let expected = authenticator(of: MobilityHeader(message), octets: octets, careOf: careOf, by: association)
        return isEqual(expected, option.authenticator) ? .authentic : .wrong
    }

    /// The key with which the two ends tag their path probes; known to both once announcements, and GRE keys
    /// where the session has any, are exchanged.
    package static func probeKey(
        authentication: PeerAuthentication,
        downlinkKey: UInt32?,
        uplinkKey: UInt32?,
        numbers: ProbeNumbers,
        mobileNode: NodeIdentifier
    ) -> SipKey? {
        var writer = ByteWriter()
        writer.bytes("plait path probe".utf8)
        writer.uint32(downlinkKey ?? 0)
        writer.uint32(uplinkKey ?? 0)
        // An older version's key has none.
        if numbers.areDrawn {
            writer.uint64(numbers.gateway)
            writer.uint64(numbers.anchor)
        }
        writer.bytes(mobileNode.octets)
        let key = SymmetricKey(data: authentication.association?.key ?? [])
        return SipKey(octets: Array(HMAC<SHA256>.authenticationCode(for: writer.octets, using: key)))
    }

    private static func authenticator(
        of header: MobilityHeader,
        octets: [UInt8],
        careOf: IPAddress,
        by association: SecurityAssociation
    ) -> [UInt8] {
        let length = association.algorithm.length
        let home = header.message.options.first(HomeNetworkPrefix.self)?.address ?? .zero
        guard let covered = MessageAuthentication.covered(of: octets, authenticatorLength: length) else { return [] }
        let input = careOf.mappedToIPv6.octets + home.octets + covered
        let key = SymmetricKey(data: association.key)
        switch association.algorithm {
        case .hmacSHA1_96:
            return Array(HMAC<Insecure.SHA1>.authenticationCode(for: input, using: key).prefix(length))
        case .hmacSHA256_128:
            return Array(HMAC<SHA256>.authenticationCode(for: input, using: key).prefix(length))
        }
    }

    private static func zeros(_ count: Int) -> [UInt8] { Array(repeating: 0, count: count) }

    /// Takes as long for the first octet's difference as for the last one's.
    private static func isEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.count == b.count && zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension MobilityOptions {
    /// The MN-HA authentication option, which counts only as the last one (RFC 4285 §5).
    var authentication: MessageAuthentication? {
        guard let option = entries.last?.option as? MessageAuthentication,
            option.subtype == MessageAuthentication.mobileNodeHomeAgent
        else { return nil }
        return option
    }

    fileprivate func authenticated(spi: UInt32, by authenticator: [UInt8]) -> MobilityOptions {
        var copy = self
        copy.append(MessageAuthentication(spi: spi, authenticator: authenticator))
        return copy
    }
}
