// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// Links: RTM_GETLINK and RTM_NEWLINK.
extension NetlinkSocket {
    /// All links of the namespace.
    package func links() throws(SystemError) -> [LinkState] {
        try dump(Int(RTM_GETLINK), NetlinkSocket.linkBody(), "links").compactMap { LinkState($0.body) }
    }

    /// What each link has carried since it is there, as its driver counts: with its link-layer headers.
    package func linkOctets() throws(SystemError) -> [InterfaceIndex: (received: UInt64, sent: UInt64)] {
        var octets: [InterfaceIndex: (received: UInt64, sent: UInt64)] = [:]
        for message in try dump(Int(RTM_GETLINK), NetlinkSocket.linkBody(), "counters of links") {
            let reader = NetlinkReader(message.body)
            // struct ifinfomsg: index at 4. struct rtnl_link_stats64: octets received at 16, sent at 24.
            guard let index = reader.uint32(at: 4), let rest = reader.slice(16, reader.count),
                let counters = NetlinkAttributes(rest)[Int(IFLA_STATS64)].map(NetlinkReader.init),
                let received = counters.uint64(at: 16), let sent = counters.uint64(at: 24)
            else { continue }
            octets[InterfaceIndex(index)] = (received, sent)
        }
        return octets
    }

    /// nil if there is no link of that name.
    package func link(named name: String) throws(SystemError) -> LinkState? {
        try links().first { $0.name == name }
    }

    /// Throws `ENODEV` if there is no such link.
    package func setLink(_ index: InterfaceIndex, up: Bool) throws(SystemError) {
        let flag = UInt32(IFF_UP)
        let body = NetlinkSocket.linkBody(index, flags: up ? flag : 0, change: flag)
        try request(Int(RTM_NEWLINK), 0, body, "link \(index) \(up ? "up" : "down")")
    }

    /// In octets.
    package func setMTU(_ mtu: Int, of index: InterfaceIndex) throws(SystemError) {
        var body = NetlinkSocket.linkBody(index)
        body.attribute(Int(IFLA_MTU), UInt32(clamping: mtu))
        try request(Int(RTM_NEWLINK), 0, body, "mtu \(mtu) of link \(index)")
    }

    /// Throws `EBUSY` if the device takes another only while it is down.
    package func setLinkLayerAddress(_ address: LinkLayerAddress, of index: InterfaceIndex) throws(SystemError) {
        var body = NetlinkSocket.linkBody(index)
        body.attribute(Int(IFLA_ADDRESS), address.octets)
        try request(Int(RTM_NEWLINK), 0, body, "address \(address) of link \(index)")
    }

    /// struct ifinfomsg
    private static func linkBody(
        _ index: InterfaceIndex = InterfaceIndex(0),
        flags: UInt32 = 0,
        change: UInt32 = 0
    ) -> NetlinkWriter {
        var body = NetlinkWriter()
        body.uint8(UInt8(AF_UNSPEC))
        body.zeros(3)
        body.uint32(index.value)
        body.uint32(flags)
        body.uint32(change)
        return body
    }
}
