// SPDX-License-Identifier: Apache-2.0
import Wire

/// A gateway's end of a tunnel, as far as it can be told from others. Behind address translators the care-of address
/// alone tells nothing: two networks may use the same one, and one translator may stand before two of them.
struct TunnelEnd: Hashable, Sendable {
    var careOf: IPAddress
    var outerAddress: IPAddress
    /// Of the signalling, behind an address translator.
    var port: UInt16?

    init(careOf: IPAddress, outerAddress: IPAddress, port: UInt16?) {
        self.careOf = careOf
        self.outerAddress = outerAddress
        self.port = careOf == outerAddress ? nil : port
    }
}
