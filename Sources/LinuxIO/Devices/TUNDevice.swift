// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
internal import Wire

/// A link whose other end is this process: what is routed to it can be read here, what is written here
/// arrives from it. IP packets without any header before them. It disappears with this object.
package final class TUNDevice {
    /// Packets that wait in the kernel for being read, at least.
    private static let queueLength: Int32 = 1000

    package let name: String
    package let index: InterfaceIndex
    private let file: FileDescriptor

    /// To watch; readable while a packet waits.
    package var fd: Int32 { file.raw }

    /// Makes the device in the calling thread's network namespace; it is down and has no addresses.
    package init(name: String) throws(SystemError) {
        guard (1..<Int(IFNAMSIZ)).contains(name.utf8.count) else {
            throw SystemError(call: "creation", errno: ENAMETOOLONG, subject: "TUN device \(name)")
        }
        let subject = "TUN device \(name)"
        file = try FileDescriptor(
            open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC),
            call: "open",
            subject: "/dev/net/tun"
        )
        var request = ifreq()
        withUnsafeMutableBytes(of: &request) { $0.copyBytes(from: name.utf8) }
        request.ifr_ifru.ifru_flags = Int16(truncatingIfNeeded: IFF_TUN | IFF_NO_PI)
        try SystemError.check(plait_tunsetiff(file.raw, &request), "creation", subject)
        let control = try FileDescriptor.socket(.ipv4, SOCK_DGRAM, 0, subject)
        request.ifr_ifru.ifru_ivalue = TUNDevice.queueLength
        try SystemError.check(plait_set_queue_length(control.raw, &request), "queue length", subject)
        try SystemError.check(plait_interface_index(control.raw, &request), "lookup", subject)
        index = InterfaceIndex(UInt32(bitPattern: request.ifr_ifru.ifru_ivalue))
        self.name = name
    }

    /// Reads one packet; its octets, or nil if none waits. Memory that is too small gets its beginning.
    /// Throws `EBADFD` once somebody has deleted the device: it stays readable, so it must be unwatched then.
    package func read(into memory: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        while true {
            let count = Glibc.read(file.raw, memory.baseAddress, memory.count)
            if count >= 0 { return count }
            switch errno {
            case EINTR: continue
            case EAGAIN: return nil
            default: throw SystemError(call: "read", subject: name)
            }
        }
    }

    /// Hands one packet to the kernel; false if it had no room. Throws `EIO` while the link is down and
    /// `EINVAL` for what is no IP packet.
    package func write(_ packet: UnsafeRawBufferPointer) throws(SystemError) -> Bool {
        while true {
            if Glibc.write(file.raw, packet.baseAddress, packet.count) >= 0 { return true }
            switch errno {
            case EINTR: continue
            case EAGAIN, ENOBUFS, ENOMEM: return false
            default: throw SystemError(call: "write", subject: name)
            }
        }
    }
}
