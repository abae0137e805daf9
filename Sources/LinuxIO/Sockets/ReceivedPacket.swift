// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Where a packet of a batch lies in its slot, and between whom it went.
package struct ReceivedPacket {
    /// The payload's first octet, counted from the slot's memory. Not zero only behind IPv4 options.
    package let start: Int
    /// The payload's octets: what follows the outer IP header, or the UDP header.
    package let count: Int
    /// nil only if the kernel told none.
    package let source: IPAddress?
    /// The UDP source port; zero without UDP.
    package let sourcePort: UInt16
    /// The address of ours that it was sent to.
    package let destination: IPAddress?
    /// The link on which it came.
    package let interface: InterfaceIndex
    /// DSCP and ECN of the outer header.
    package let trafficClass: UInt8
    /// From its arrival at the machine until it was read; zero if the kernel told nothing.
    package let waited: Duration
    /// The slot was too small; what it holds is not the whole packet.
    package let isTruncated: Bool
}
