// SPDX-License-Identifier: Apache-2.0

/// An encapsulated packet to send: the slot starts at what follows the outer IP header (GRE) or the UDP header.
package struct Transmission: Equatable, Sendable {
    package var path: PathNumber
    package var slot: Slot
    /// UDP's destination: where the peer's probes come from. 0 for GRE.
    package var port: UInt16

    package init(path: PathNumber, slot: Slot, port: UInt16) {
        self.path = path
        self.slot = slot
        self.port = port
    }
}
