// SPDX-License-Identifier: Apache-2.0
import Wire

/// Which of two updates of one gateway is the newer, whichever paths they come over: bindings are numbered each for
/// itself, flow bindings are all the node's (RFC 5213 §5.5, RFC 6089 §5.2).
struct FlowOrder: Sendable {
    var timestamp: Timestamp?
    var sequence: UInt16

    func isBehind(_ other: FlowOrder) -> Bool {
        if let timestamp, let newest = other.timestamp { return timestamp < newest }
        return (1...32767).contains(other.sequence &- sequence)
    }
}
