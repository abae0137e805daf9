// SPDX-License-Identifier: Apache-2.0

/// An encapsulated packet to send: the slot starts at what follows the outer IP header (GRE) or the UDP header.
package struct Transmission: Equatable, Sendable {
    package var path: PathNumber
    package var slot: Slot

    package init(path: PathNumber, slot: Slot) {
        self.path = path
        self.slot = slot
    }
}
