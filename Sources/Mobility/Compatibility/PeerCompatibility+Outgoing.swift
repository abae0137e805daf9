// SPDX-License-Identifier: Apache-2.0
import Wire

/// What we send to a peer of other make, in the form that it was seen to accept.
extension PeerCompatibility {
    /// Of updates and acknowledgements; other messages go as they are.
    func theirForm(of message: MobilityMessage) -> MobilityMessage {
        var theirs = message
        switch self {
        case .strict: break
        case .opmip:
            // An acknowledgement is the update's options once more, one behind the other.
            if message.type == BindingAcknowledgement.type { theirs.options = message.options.withoutAlignment }
        case .oai:
            if message.type == BindingUpdate.type || message.type == BindingAcknowledgement.type {
                theirs.options = message.options.formedForOAI
            }
        }
        return theirs
    }
}

extension MobilityOptions {
    /// Where the options of both an update and an acknowledgement begin.
    private static let start = 12

    /// Filled up to a multiple of eight by single octets of padding.
    fileprivate var withoutAlignment: MobilityOptions {
        var writer = ByteWriter()
        for option in all {
            let data = option.data
            writer.octet(option.optionType)
            writer.octet(UInt8(clamping: data.count))
            writer.bytes(data)
        }
        while (Self.start + writer.count) % 8 != 0 { writer.octet(Padding.pad1) }
        var reader = ByteReader(writer.octets)
        // What was decoded keeps its octets and its place.
        return (try? MobilityOptions(decoding: &reader)) ?? self
    }

    fileprivate var formedForOAI: MobilityOptions {
        var options = all.filter { !($0 is TimestampOption) }.map(Self.formForOAI)
        // Its own messages end with the time stamp.
        if let option = first(TimestampOption.self) {
            options.append(TimestampOption(option.timestamp.withWordsSwapped))
        }
        return MobilityOptions(options)
    }

    private static func formForOAI(of option: any MobilityOption) -> any MobilityOption {
        switch option {
        case let option as MobileNodeIdentifier: return MobileNodeIdentifier(option.identifier.digitsAsOctets)
        case var option as HomeNetworkPrefix:
            if !option.isRequest, option.prefixLength == 64 { option.prefixLength = 128 }
            return option
        default:  // open
            return option
        }
    }
}

extension NodeIdentifier {
    private static let lengthAtOAI = 8

    /// OpenAirInterface names a node by eight binary octets and calls them a NAI. For us the NAI is their sixteen
    /// hexadecimal digits, which an operator can write.
    var octetsAsDigits: NodeIdentifier {
        guard subtype == Self.nai, octets.count == Self.lengthAtOAI else { return self }
        return NodeIdentifier(nai: octets.hexadecimal)
    }

    var digitsAsOctets: NodeIdentifier {
        guard subtype == Self.nai, octets.count == 2 * Self.lengthAtOAI else { return self }
        let digits = String(decoding: octets, as: UTF8.self)
        guard let value = UInt64(digits, radix: 16) else { return self }
        var writer = ByteWriter()
        writer.uint64(value)
        return NodeIdentifier(subtype: subtype, octets: writer.octets)
    }
}

extension Timestamp {
    /// Each half of the 64 bits in the other order of octets.
    var withWordsSwapped: Timestamp {
        let (high, low) = (UInt32(truncatingIfNeeded: value >> 32), UInt32(truncatingIfNeeded: value))
        return Timestamp(value: UInt64(high.byteSwapped) << 32 | UInt64(low.byteSwapped))
    }
}
