// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// Neighbours whose link-layer address is known for certain: RTM_NEWNEIGH and RTM_DELNEIGH.
extension NetlinkSocket {
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
