// SPDX-License-Identifier: Apache-2.0

/// Why a capture file cannot be read, or not further.
package enum CaptureError: Error, Equatable, Sendable {
    /// The first four octets are none of the classic pcap magic numbers.
    case notACapture
    /// The newer format, which `editcap -F pcap` turns into the classic one.
    case nextGenerationFormat
    /// The file ends inside its header or a frame's; octets from the file's start.
    case truncated(offset: Int)
    /// A frame claims more octets than any packet has.
    case absurdLength(UInt32, frame: Int)
    /// A link type whose frames we cannot look into.
    case unknownLinkType(UInt32)
}

extension CaptureError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notACapture: "not a pcap file"
        case .nextGenerationFormat: "a pcapng file; convert it with: editcap -F pcap IN OUT"
        case .truncated(let offset): "the file ends too early (octet \(offset))"
        case .absurdLength(let length, let frame): "frame \(frame) claims \(length) octets"
        case .unknownLinkType(let type): "link type \(type) is not one we can look into"
        }
    }
}
