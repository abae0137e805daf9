// SPDX-License-Identifier: Apache-2.0
import Wire

/// What a datagram turned out to be, before anybody asks who sent it (RFC 6275 §9.2).
enum Reception: Equatable {
    case message(MobilityMessage)
    /// Empty: meant for an address translator, not for us.
    case keepalive
    case dropped(DropReason)
    /// To be answered by a Binding Error.
    case unknownType

    private static let knownTypes: Set<UInt8> = [
        BindingUpdate.type, BindingAcknowledgement.type, BindingError.type, Heartbeat.type,
        BindingRevocationIndication.type, UpdateNotification.type, UpdateNotificationAcknowledgement.type,
    ]

    /// In the RFC's order: checksum, type, payload protocol, length, source address.
    init(of datagram: Datagram) {
        let octets = datagram.octets
        guard !octets.isEmpty || datagram.ports == nil else {
            self = .keepalive
            return
        }
        guard datagram.source.isIPv4 == datagram.destination.isIPv4, octets.count >= 8 else {
            self = .dropped(.malformed)
            return
        }
        // RFC 5844 §4.1.3: behind UDP the checksum is not looked at.
        if datagram.ports == nil, case .v6(let source) = datagram.source,
            case .v6(let destination) = datagram.destination,
            !MobilityHeader.isChecksumRight(of: octets, from: source, to: destination)
        {
            self = .dropped(.badChecksum)
            return
        }
        guard datagram.source.isRoutableUnicast else {
            self = .dropped(.sourceNotUnicast)
            return
        }
        guard Self.knownTypes.contains(octets[2]) else {
            self = .unknownType
            return
        }
        guard octets[0] == IPProtocol.noNextHeader else {
            self = .dropped(.badPayloadProtocol)
            return
        }
        do throws(DecodeError) {
            self = .message(try MobilityHeader(decoding: octets).message)
        } catch {
            self = .dropped(.malformed)
        }
    }
}
