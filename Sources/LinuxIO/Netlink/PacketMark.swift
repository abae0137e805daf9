// SPDX-License-Identifier: Apache-2.0

/// Some bits of the mark that the kernel keeps with a packet on its way through this machine (`fwmark`).
package struct PacketMark: Hashable, Sendable {
    package let value: UInt32
    /// Which bits count.
    package let mask: UInt32

    /// Bits of the value outside the mask are dropped.
    package init(_ value: UInt32, mask: UInt32) {
        self.value = value & mask
        self.mask = mask
    }
}

extension PacketMark: CustomStringConvertible {
    /// In hexadecimal, as `ip rule` shows it.
    package var description: String { "0x\(String(value, radix: 16))/0x\(String(mask, radix: 16))" }
}
