// SPDX-License-Identifier: Apache-2.0

/// Binding Update, and with P set Proxy Binding Update (RFC 6275 §6.1.7, RFC 5213 §8.1).
///
/// ```
///                                 |          Sequence #           |
/// |A|H|L|K|M|R|P|F|T|B|S|D|  Res  |           Lifetime            |
/// |                       Mobility Options ...                    |
/// ```
package struct BindingUpdate: MobilityMessageFormat {
    package static let type: UInt8 = 5

    package struct Flags: OptionSet, Hashable, Sendable {
        package var rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }

        package static let acknowledge = Flags(rawValue: 0x8000)
        package static let proxyRegistration = Flags(rawValue: 0x0200)
        /// F: IPv4-UDP encapsulation wanted (RFC 5844 §4.2.2).
        package static let forceUDP = Flags(rawValue: 0x0100)
        /// T: TLV header wanted on the UDP tunnel (RFC 5845 §6.2).
        package static let tlvHeader = Flags(rawValue: 0x0080)
    }

    package var sequence: UInt16
    package var flags: Flags
    package var lifetime: BindingLifetime
    package var options: MobilityOptions

    package init(sequence: UInt16, flags: Flags, lifetime: BindingLifetime, options: MobilityOptions) {
        self.sequence = sequence
        self.flags = flags
        self.lifetime = lifetime
        self.options = options
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        sequence = try reader.uint16("Sequence #")
        flags = Flags(rawValue: try reader.uint16("flags"))
        lifetime = BindingLifetime(units: try reader.uint16("Lifetime"))
        options = try MobilityOptions(decoding: &reader)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.uint16(sequence)
        writer.uint16(flags.rawValue)
        writer.uint16(lifetime.units)
        options.encode(into: &writer)
    }

    package var name: String { flags.contains(.proxyRegistration) ? "PBU" : "BU" }
    package var fields: [Field] {
        // The bit before S is B of RFC 6602 in a proxy registration, and O of RFC 5648 §4.2 in a mobile node's own.
        let letters = flags.contains(.proxyRegistration) ? "AHLKMRPFTBSD" : "AHLKMRPFTOSD"
        return [
            Field("sequence", sequence), Field("flags", bits: flags.rawValue, letters: letters),
            Field("lifetime", UInt32(lifetime.units) * 4),
        ]
    }
    package var message: MobilityMessage { .bindingUpdate(self) }
}
