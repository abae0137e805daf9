// SPDX-License-Identifier: Apache-2.0
import Wire

extension Admission {
    /// A message of a gateway of other make as the RFCs would have it; any other as it came.
    func strictForm(of datagram: Datagram) -> Datagram {
        for make in foreignMakes {
            guard let strict = make.strictForm(of: datagram), named(in: strict.message.options)?.compatibility == make
            else { continue }
            return strict.datagram
        }
        return datagram
    }
}

/// What a peer of other make has sent, as the RFCs would have it.
extension PeerCompatibility {
    /// nil: nothing to translate. Only updates and acknowledgements directly behind IPv6 were ever seen.
    func strictForm(of datagram: Datagram) -> (datagram: Datagram, message: MobilityMessage)? {
        switch self {
        // opmip's messages are well-formed: a receiver depends on no alignment (RFC 6275 §6.2.1).
        case .strict, .opmip: nil
        case .oai: strictFormFromOAI(of: datagram)
        }
    }

    /// What an acknowledgement does not say and its request does. RFC 5213 §6.9.1.2 wants it there.
    func completed(_ reply: BindingAcknowledgement, to request: PendingUpdate) -> BindingAcknowledgement {
        var reply = reply
        switch self {
        case .strict: break
        case .opmip:
            // It goes by sequence numbers, and this one is the request's.
            if reply.options.first(TimestampOption.self) == nil {
                reply.options.append(TimestampOption(request.timestamp))
            }
        case .oai:
            // It names the node's interface, which its request has not.
            reply.options = MobilityOptions(reply.options.all.filter { !($0 is MobileNodeLinkLayerIdentifier) })
            if reply.options.first(HandoffIndicator.self) == nil { reply.options.append(request.handoff) }
            if reply.options.first(AccessTechnologyType.self) == nil {
                reply.options.append(AccessTechnologyType(.virtual))
            }
        }
        return reply
    }

    private func strictFormFromOAI(of datagram: Datagram) -> (datagram: Datagram, message: MobilityMessage)? {
        guard datagram.ports == nil, case .v6(let source) = datagram.source,
            case .v6(let destination) = datagram.destination,
            MobilityHeader.isChecksumRight(of: datagram.octets, from: source, to: destination),
            let header = try? MobilityHeader(decoding: wholeLength(of: datagram.octets))
        else { return nil }
        var strict = header
        switch header.message {
        case .bindingUpdate(let update):
            strict.message = .bindingUpdate(update)
        case .bindingAcknowledgement(var reply):
            reply.flags.insert(.proxyRegistration)
            strict.message = .bindingAcknowledgement(reply)
        case .bindingRefreshRequest, .bindingError, .homeAgentSwitch, .heartbeat, .handoverInitiate,
            .handoverAcknowledge, .bindingRevocationIndication, .bindingRevocationAcknowledgement,
            .localizedRoutingInitiation, .localizedRoutingAcknowledgement, .updateNotification,
            .updateNotificationAcknowledgement, .flowBindingIndication, .flowBindingAcknowledgement, .unknown:
            return nil
        }
        strict.message.options = MobilityOptions(header.message.options.all.map(Self.strictFormFromOAI))
        var translated = datagram
        translated.octets = strict.octets(from: source, to: destination)
        return (translated, strict.message)
    }

    /// The message runs four octets past what Header Len says; four octets of padding make it whole.
    private func wholeLength(of octets: [UInt8]) -> [UInt8] {
        guard octets.count >= 8, octets[1] < .max, octets.count == (Int(octets[1]) + 1) * 8 + 4 else { return octets }
        var whole = octets + [Padding.padN, 2, 0, 0]
        whole[1] += 1
        return whole
    }

    private static func strictFormFromOAI(of option: any MobilityOption) -> any MobilityOption {
        switch option {
        case let option as MobileNodeIdentifier: return MobileNodeIdentifier(option.identifier.octetsAsDigits)
        case var option as HomeNetworkPrefix:
            // /64 is meant.
            if option.prefixLength == 128 { option.prefixLength = 64 }
            return option
        case let option as TimestampOption: return TimestampOption(option.timestamp.withWordsSwapped)
        default:  // open
            return option
        }
    }
}
