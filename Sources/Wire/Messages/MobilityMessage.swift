// SPDX-License-Identifier: Apache-2.0

/// A mobility message. Its kinds are few, and every one wants a decision wherever messages are told apart.
package enum MobilityMessage: Equatable, Sendable {
    case bindingRefreshRequest(BindingRefreshRequest)
    case bindingUpdate(BindingUpdate)
    case bindingAcknowledgement(BindingAcknowledgement)
    case bindingError(BindingError)
    case homeAgentSwitch(HomeAgentSwitch)
    case heartbeat(Heartbeat)
    case handoverInitiate(HandoverInitiate)
    case handoverAcknowledge(HandoverAcknowledge)
    case bindingRevocationIndication(BindingRevocationIndication)
    case bindingRevocationAcknowledgement(BindingRevocationAcknowledgement)
    case localizedRoutingInitiation(LocalizedRoutingInitiation)
    case localizedRoutingAcknowledgement(LocalizedRoutingAcknowledgement)
    case updateNotification(UpdateNotification)
    case updateNotificationAcknowledgement(UpdateNotificationAcknowledgement)
    case flowBindingIndication(FlowBindingIndication)
    case flowBindingAcknowledgement(FlowBindingAcknowledgement)
    /// A kind that we do not read: everything behind the checksum.
    case unknown(type: UInt8, body: [UInt8])

    /// The kinds that we read. One line a kind.
    package static let known: [any MobilityMessageFormat.Type] = [
        BindingRefreshRequest.self,
        BindingUpdate.self,
        BindingAcknowledgement.self,
        BindingError.self,
        HomeAgentSwitch.self,
        Heartbeat.self,
        HandoverInitiate.self,
        HandoverAcknowledge.self,
        BindingRevocationIndication.self,
        BindingRevocationAcknowledgement.self,
        LocalizedRoutingInitiation.self,
        LocalizedRoutingAcknowledgement.self,
        UpdateNotification.self,
        UpdateNotificationAcknowledgement.self,
        FlowBindingIndication.self,
        FlowBindingAcknowledgement.self,
    ]

    /// nil for a kind that we do not read.
    private var format: (any MobilityMessageFormat)? {
        switch self {
        case .bindingRefreshRequest(let message): message
        case .bindingUpdate(let message): message
        case .bindingAcknowledgement(let message): message
        case .bindingError(let message): message
        case .homeAgentSwitch(let message): message
        case .heartbeat(let message): message
        case .handoverInitiate(let message): message
        case .handoverAcknowledge(let message): message
        case .bindingRevocationIndication(let message): message
        case .bindingRevocationAcknowledgement(let message): message
        case .localizedRoutingInitiation(let message): message
        case .localizedRoutingAcknowledgement(let message): message
        case .updateNotification(let message): message
        case .updateNotificationAcknowledgement(let message): message
        case .flowBindingIndication(let message): message
        case .flowBindingAcknowledgement(let message): message
        case .unknown: nil
        }
    }

    // MARK: - Octets

    /// The reader stands behind the checksum and ends with the message.
    init(type: UInt8, decoding reader: inout ByteReader) throws(DecodeError) {
        var body = reader
        let octets = body.rest()
        guard let kind = Self.known.first(where: { $0.type == type && octets.starts(with: $0.subtype) }) else {
            reader = body
            self = .unknown(type: type, body: octets)
            return
        }
        let length = reader.offset + reader.remaining
        // RFC 6275 §9.2
        guard length >= kind.minimumLength else {
            throw DecodeError(.badLength(length), field: "Header Len", offset: 1)
        }
        try reader.skip(kind.subtype.count, "subtype")
        self = try kind.init(decoding: &reader).message
    }

    func encode(into writer: inout ByteWriter) {
        if case .unknown(_, let body) = self {
            writer.bytes(body)
            writer.zeros((8 - writer.count % 8) % 8)
        } else if let format {
            writer.bytes(Swift.type(of: format).subtype)
            format.encode(into: &writer)
        }
    }

    // MARK: - What all kinds have

    package var type: UInt8 {
        if case .unknown(let type, _) = self { return type }
        return format.map { Swift.type(of: $0).type } ?? 0
    }

    package var name: String { format?.name ?? "MH type \(type)" }

    /// None for a kind that we do not read.
    package var options: MobilityOptions {
        get { format?.options ?? MobilityOptions() }
        set {
            guard var format else { return }
            format.options = newValue
            self = format.message
        }
    }

    /// The fixed part, field by field.
    package var fields: [Field] {
        if case .unknown(_, let body) = self { return [Field("body", body)] }
        return format?.fields ?? []
    }
}
