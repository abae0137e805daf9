// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// Hears from the kernel about links, addresses, routes and what is switched per link. Subscribe first, then list: nothing is missed.
package final class NetworkMonitor {
    private static let bufferOctets = 64 * 1024
    private static let datagramsPerCall = 64
    private static let socketOctets: Int32 = 1 << 20

    private let file: FileDescriptor
    private var buffer = [UInt8](repeating: 0, count: bufferOctets)

    package var fd: Int32 { file.raw }

    package init() throws(SystemError) {
        file = try FileDescriptor.netlink(nonBlocking: true)
        let groups = [
            RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,
            RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF,
        ]
        try file.setBuffers(NetworkMonitor.socketOctets, "netlink monitor")
        for group in groups {
            try file.set(
                Int(SOL_NETLINK),
                NETLINK_ADD_MEMBERSHIP,
                to: Int32(bitPattern: group.rawValue),
                "netlink monitor"
            )
        }
    }

    /// What has happened, in its order; empty if nothing has.
    package func receive() -> [NetworkEvent] {
        var events: [NetworkEvent] = []
        for _ in 0..<NetworkMonitor.datagramsPerCall {
            if let octets = file.receiveFromKernel(into: &buffer) {
                events += NetlinkMessage.split(octets).compactMap(NetworkMonitor.event)
            } else if errno == EAGAIN {
                return events
            } else if errno == ENOBUFS {
                events.append(.overflow)
            }
        }
        return events
    }

    private static func event(_ message: NetlinkMessage) -> NetworkEvent? {
        switch Int32(message.type) {
        case Int32(RTM_NEWLINK): LinkState(message.body).map { .link($0) }
        case Int32(RTM_DELLINK): LinkState(message.body).map { .linkRemoved(index: $0.index) }
        case Int32(RTM_NEWADDR): AddressState(message.body).map { .address($0) }
        case Int32(RTM_DELADDR): AddressState(message.body).map { .addressRemoved($0) }
        case Int32(RTM_NEWROUTE): Route(message.body).map { .route($0) }
        case Int32(RTM_DELROUTE): Route(message.body).map { .routeRemoved($0) }
        case Int32(RTM_NEWNETCONF): .setting
        default: nil
        }
    }
}
