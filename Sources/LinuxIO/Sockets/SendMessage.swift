// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
internal import Wire

extension FileDescriptor {
    /// Sends one packet, from `source` and by `interface` if they are given.
    func send(
        _ octets: [UInt8],
        from source: IPAddress?,
        interface: UInt32 = 0,
        to destination: SocketAddress,
        _ subject: String
    ) throws(SystemError) {
        var failure = attempt(octets, source, interface, destination)
        if failure != 0, failure != EAGAIN {
            // An earlier packet's ICMP error is reported by the next call, whatever that is: the second
            // attempt tells what is wrong with this one.
            failure = attempt(octets, source, interface, destination)
        }
        guard failure == 0 else {
            throw SystemError(call: "send", errno: failure, subject: "\(subject) to \(destination.address)")
        }
    }

    /// Zero or the error number.
    private func attempt(
        _ octets: [UInt8],
        _ source: IPAddress?,
        _ interface: UInt32,
        _ destination: SocketAddress
    ) -> Int32 {
        withUnsafeTemporaryAllocation(byteCount: Ancillary.capacity + SocketAddress.capacity, alignment: 8) { memory in
            octets.withUnsafeBytes { octets in
                let name = UnsafeMutableRawBufferPointer(rebasing: memory[Ancillary.capacity...])
                var vector = iovec(
                    iov_base: UnsafeMutableRawPointer(mutating: octets.baseAddress),
                    iov_len: octets.count
                )
                return withUnsafeMutablePointer(to: &vector) { vector in
                    var message = msghdr()
                    message.msg_name = name.baseAddress
                    message.msg_namelen = destination.write(to: name)
                    message.msg_iov = vector
                    message.msg_iovlen = 1
                    if let source {
                        message.msg_control = memory.baseAddress
                        message.msg_controllen = Ancillary.write(source: source, interface: interface, to: memory)
                    }
                    var sent: Int
                    repeat { sent = sendmsg(raw, &message, 0) } while sent < 0 && errno == EINTR
                    return sent < 0 ? errno : 0
                }
            }
        }
    }
}
