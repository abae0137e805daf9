// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// Addresses: RTM_GETADDR, RTM_NEWADDR and RTM_DELADDR.
extension NetlinkSocket {
    /// Of both families; of all links if none is given.
    package func addresses(on interface: InterfaceIndex? = nil) throws(SystemError) -> [AddressState] {
        var all: [AddressState] = []
        for family in [AddressFamily.ipv4, .ipv6] {
            let body = NetlinkSocket.addressBody(family, 0, interface ?? InterfaceIndex(0))
            all += try dump(Int(RTM_GETADDR), body, "addresses").compactMap { AddressState($0.body) }
        }
        return interface.map { interface in all.filter { $0.interface == interface } } ?? all
    }

    /// Adds an address, which is no error if the link has it already. Without duplicate detection an IPv6
    /// address can be used at once.
    package func addAddress(
        _ address: IPAddress,
        prefixLength: Int,
        on interface: InterfaceIndex,
        scope: AddressState.Scope = .global,
        detectsDuplicates: Bool = true,
        owner: RouteOwner = .plait
    ) throws(SystemError) {
        let flags = address.isIPv4 || detectsDuplicates ? 0 : UInt32(IFA_F_NODAD)
        var body = NetlinkSocket.addressBody(AddressFamily(of: address), prefixLength, interface, scope: scope.rawValue)
        body.attribute(Int(IFA_LOCAL), address)
        body.attribute(Int(IFA_ADDRESS), address)
        body.attribute(AddressState.protocolAttribute, [owner.value])
        if flags != 0 { body.attribute(Int(IFA_FLAGS), flags) }
        try request(
            Int(RTM_NEWADDR),
            Int(NLM_F_CREATE | NLM_F_REPLACE),
            body,
            "address \(address)/\(prefixLength) on link \(interface)"
        )
    }

    /// Throws `EADDRNOTAVAIL` if the link does not have it.
    package func removeAddress(
        _ address: IPAddress,
        prefixLength: Int,
        on interface: InterfaceIndex
    ) throws(SystemError) {
        var body = NetlinkSocket.addressBody(AddressFamily(of: address), prefixLength, interface)
        body.attribute(Int(IFA_LOCAL), address)
        try request(Int(RTM_DELADDR), 0, body, "removal of address \(address) on link \(interface)")
    }

    /// struct ifaddrmsg
    private static func addressBody(
        _ family: AddressFamily,
        _ prefixLength: Int,
        _ interface: InterfaceIndex,
        scope: UInt8 = 0
    ) -> NetlinkWriter {
        var body = NetlinkWriter()
        body.uint8(UInt8(truncatingIfNeeded: family.number))
        body.uint8(UInt8(clamping: prefixLength))
        body.uint8(0)
        body.uint8(scope)
        body.uint32(interface.value)
        return body
    }
}
