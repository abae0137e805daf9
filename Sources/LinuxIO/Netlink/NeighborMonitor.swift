// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// Hears from the kernel that something has changed about neighbours; what it is has to be listed.
package final class NeighborMonitor {
    private static let datagramsPerCall = 64

    private let file: FileDescriptor
    private var buffer = [UInt8](repeating: 0, count: 64 * 1024)

    package var fd: Int32 { file.raw }

    package init() throws(SystemError) {
        file = try FileDescriptor.netlink(nonBlocking: true)
        let group = Int32(bitPattern: RTNLGRP_NEIGH.rawValue)
        try file.set(Int(SOL_NETLINK), NETLINK_ADD_MEMBERSHIP, to: group, "neighbour monitor")
    }

    /// Empties the queue; one that has run over has changed something as well, which others will tell of.
    package func drain() {
        for _ in 0..<NeighborMonitor.datagramsPerCall {
            if file.receiveFromKernel(into: &buffer) == nil, errno == EAGAIN { return }
        }
    }
}
