// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// A link as the kernel sees it.
package struct LinkState: Hashable, Sendable {
    package let index: InterfaceIndex
    package let name: String
    /// Somebody has set the link up.
    package let isUp: Bool
    /// The link works: it is up, and so is what lies beneath it (`IFF_RUNNING`, RFC 2863's *operational*).
    package let isRunning: Bool
    /// The carrier is there.
    package let isLowerUp: Bool
    /// In octets.
    package let mtu: Int
    /// nil if the link has none of six octets.
    package let linkLayerAddress: LinkLayerAddress?
    /// What the device was made with, whatever it was told to use; nil if it has none or does not say.
    package let permanentAddress: LinkLayerAddress?
    package let isLoopback: Bool
    /// One neighbour, whose address need not be known: PPP, or a modem without frames of its own.
    package let isPointToPoint: Bool

    /// An Ethernet link that is up and works, but for what is said.
    package init(
        index: UInt32,
        name: String,
        mtu: Int = 1500,
        linkLayerAddress: LinkLayerAddress? = nil,
        permanentAddress: LinkLayerAddress? = nil
    ) {
        self.index = InterfaceIndex(index)
        self.name = name
        (isUp, isRunning, isLowerUp) = (true, true, true)
        self.mtu = mtu
        self.linkLayerAddress = linkLayerAddress
        self.permanentAddress = permanentAddress
        (isLoopback, isPointToPoint) = (false, false)
    }

    /// From a `RTM_NEWLINK` or `RTM_DELLINK` message's body; nil if it is none.
    package init?(_ body: ArraySlice<UInt8>) {
        let reader = NetlinkReader(body)
        // struct ifinfomsg: family, pad, type, index at 4, flags at 8, change at 12.
        guard let index = reader.uint32(at: 4), let flags = reader.uint32(at: 8),
            let rest = reader.slice(16, reader.count)
        else { return nil }
        let attributes = NetlinkAttributes(rest)
        guard let name = attributes.text(Int(IFLA_IFNAME)) else { return nil }
        self.index = InterfaceIndex(index)
        self.name = name
        isUp = flags & UInt32(IFF_UP) != 0
        isRunning = flags & UInt32(IFF_RUNNING) != 0
        isLowerUp = flags & LinkState.lowerUp != 0
        mtu = Int(attributes.uint32(Int(IFLA_MTU)) ?? 0)
        linkLayerAddress = attributes[Int(IFLA_ADDRESS)].flatMap { LinkLayerAddress(octets: $0) }
        permanentAddress = attributes[Int(IFLA_PERM_ADDRESS)].flatMap { LinkLayerAddress(octets: $0) }
        isLoopback = flags & UInt32(IFF_LOOPBACK) != 0
        isPointToPoint = flags & UInt32(IFF_POINTOPOINT) != 0
    }

    /// IFF_LOWER_UP, which glibc's net/if.h lacks.
    private static let lowerUp: UInt32 = 1 << 16
}
