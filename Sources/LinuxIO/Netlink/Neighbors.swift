// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// A neighbour whose link-layer address the kernel knows.
package struct NeighborState: Hashable, Sendable {
    package let address: IPAddress
    package let linkLayerAddress: LinkLayerAddress

    /// From a `RTM_NEWNEIGH` message's body; nil if it is none, of another link, or without an address that answers.
    fileprivate init?(_ body: ArraySlice<UInt8>, on interface: InterfaceIndex) {
        let reader = NetlinkReader(body)
        // struct ndmsg: family, index at 4, state at 8, flags at 10.
        guard reader.uint32(at: 4) == interface.value, let state = reader.uint16(at: 8),
            state & UInt16(NUD_FAILED | NUD_INCOMPLETE | NUD_NOARP) == 0, let rest = reader.slice(12, reader.count)
        else { return nil }
        let attributes = NetlinkAttributes(rest)
        guard let address = attributes.address(Int(NDA_DST)),
            let linkLayerAddress = attributes[Int(NDA_LLADDR)].flatMap({ LinkLayerAddress(octets: $0) })
        else { return nil }
        self.address = address
        self.linkLayerAddress = linkLayerAddress
    }
}

/// Neighbours: RTM_GETNEIGH; and those whose link-layer address is known for certain: RTM_NEWNEIGH and RTM_DELNEIGH.
extension NetlinkSocket {
    /// Those of both families that the kernel has learnt on the link.
    package func neighbors(on interface: InterfaceIndex) throws(SystemError) -> [NeighborState] {
        var all: [NeighborState] = []
        for family in [AddressFamily.ipv4, .ipv6] {
            var body = NetlinkWriter()
            body.uint8(UInt8(truncatingIfNeeded: family.number))
            body.zeros(11)
            all += try dump(Int(RTM_GETNEIGH), body, "neighbours").compactMap { NeighborState($0.body, on: interface) }
        }
        return all
    }

    /// From now on nobody is asked for the address; one that the kernel has learnt is replaced.
    package func addNeighbor(
        _ address: IPAddress,
        at linkLayerAddress: LinkLayerAddress,
        on interface: InterfaceIndex
    ) throws(SystemError) {
        var body = NetlinkSocket.neighborBody(address, interface)
        body.attribute(Int(NDA_LLADDR), linkLayerAddress.octets)
        let flags = Int(NLM_F_CREATE | NLM_F_REPLACE)
        try request(Int(RTM_NEWNEIGH), flags, body, "neighbour \(address) on link \(interface)")
    }

    /// Throws `ENOENT` if there is none.
    package func removeNeighbor(_ address: IPAddress, on interface: InterfaceIndex) throws(SystemError) {
        let body = NetlinkSocket.neighborBody(address, interface)
        try request(Int(RTM_DELNEIGH), 0, body, "removal of neighbour \(address) on link \(interface)")
    }

    /// struct ndmsg with the address.
    private static func neighborBody(_ address: IPAddress, _ interface: InterfaceIndex) -> NetlinkWriter {
        var body = NetlinkWriter()
        body.uint8(UInt8(truncatingIfNeeded: AddressFamily(of: address).number))
        body.zeros(3)
        body.uint32(interface.value)
        body.uint16(UInt16(NUD_PERMANENT))
        body.zeros(2)
        body.attribute(Int(NDA_DST), address)
        return body
    }
}
