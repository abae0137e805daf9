// SPDX-License-Identifier: Apache-2.0

/// A mobility message. Its kinds are few, and every one wants a decision wherever messages are told apart.
package enum MobilityMessage: Equatable, Sendable {
    case bindingUpdate(BindingUpdate)
    case bindingAcknowledgement(BindingAcknowledgement)
    case bindingError(BindingError)
    case heartbeat(Heartbeat)
    /// A kind that we do not read: everything behind the checksum.
    case unknown(type: UInt8, body: [UInt8])

    package var type: UInt8 {
        switch self {
        case .bindingUpdate: BindingUpdate.type
        case .bindingAcknowledgement: BindingAcknowledgement.type
        case .bindingError: BindingError.type
        case .heartbeat: Heartbeat.type
        case .unknown(let type, _): type
        }
    }

    /// The reader stands behind the checksum and ends with the message.
    init(type: UInt8, decoding reader: inout ByteReader) throws(DecodeError) {
        switch type {
        case BindingUpdate.type: self = .bindingUpdate(try BindingUpdate(decoding: &reader))
        case BindingAcknowledgement.type: self = .bindingAcknowledgement(try BindingAcknowledgement(decoding: &reader))
        case BindingError.type: self = .bindingError(try BindingError(decoding: &reader))
        case Heartbeat.type: self = .heartbeat(try Heartbeat(decoding: &reader))
        default: self = .unknown(type: type, body: reader.rest())
        }
    }

    func encode(into writer: inout ByteWriter) {
        switch self {
        case .bindingUpdate(let message): message.encode(into: &writer)
        case .bindingAcknowledgement(let message): message.encode(into: &writer)
        case .bindingError(let message): message.encode(into: &writer)
        case .heartbeat(let message): message.encode(into: &writer)
        case .unknown(_, let body):
            writer.bytes(body)
            writer.zeros((8 - writer.count % 8) % 8)
        }
    }

    package var name: String {
        switch self {
        case .bindingUpdate(let update): update.flags.contains(.proxyRegistration) ? "PBU" : "BU"
        case .bindingAcknowledgement(let reply): reply.flags.contains(.proxyRegistration) ? "PBA" : "BA"
        case .bindingError: "Binding Error"
        case .heartbeat(let heartbeat): heartbeat.isResponse ? "Heartbeat Response" : "Heartbeat Request"
        case .unknown(let type, _): "MH type \(type)"
        }
    }

    /// None for a kind that we do not read.
    package var options: MobilityOptions {
        get {
            switch self {
            case .bindingUpdate(let message): message.options
            case .bindingAcknowledgement(let message): message.options
            case .bindingError(let message): message.options
            case .heartbeat(let message): message.options
            case .unknown: MobilityOptions()
            }
        }
        set {
            switch self {
            case .bindingUpdate(var message):
                message.options = newValue
                self = .bindingUpdate(message)
            case .bindingAcknowledgement(var message):
                message.options = newValue
                self = .bindingAcknowledgement(message)
            case .bindingError(var message):
                message.options = newValue
                self = .bindingError(message)
            case .heartbeat(var message):
                message.options = newValue
                self = .heartbeat(message)
            case .unknown: break
            }
        }
    }

    /// The fixed part, field by field.
    package var fields: [Field] {
        switch self {
        case .bindingUpdate(let message): message.fields
        case .bindingAcknowledgement(let message): message.fields
        case .bindingError(let message): message.fields
        case .heartbeat(let message): message.fields
        case .unknown(_, let body): [Field("body", body)]
        }
    }
}
