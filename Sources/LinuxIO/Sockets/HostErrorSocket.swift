// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// Sends whole IP packets of our own making to hosts: ICMP errors about what they sent.
///
/// The kernel routes them as its own. Nothing has to be set for that, unlike for packets that come out of a TUN device
/// with an address of this machine, which the kernel takes for forgeries.
package final class HostErrorSocket {
    private let ipv4: FileDescriptor
    private let ipv6: FileDescriptor

    package init() throws(SystemError) {
        // IPPROTO_RAW: the header is the caller's.
        ipv4 = try FileDescriptor.socket(.ipv4, SOCK_RAW, Int32(IPPROTO_RAW), "raw ipv4")
        ipv6 = try FileDescriptor.socket(.ipv6, SOCK_RAW, Int32(IPPROTO_RAW), "raw ipv6")
    }

    /// False if the kernel did not take the packet: there is no way to the host, or no room.
    package func send(_ packet: UnsafeRawBufferPointer, to destination: IPAddress) -> Bool {
        let file = destination.isIPv4 ? ipv4 : ipv6
        return withUnsafeTemporaryAllocation(byteCount: SocketAddress.capacity, alignment: 8) { memory in
            let length = SocketAddress(destination).write(to: memory)
            return memory.withMemoryRebound(to: sockaddr.self) { name in
                sendto(file.raw, packet.baseAddress, packet.count, Int32(MSG_DONTWAIT), name.baseAddress, length) >= 0
            }
        }
    }
}
