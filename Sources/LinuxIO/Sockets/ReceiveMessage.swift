// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
internal import Wire

extension FileDescriptor {
    enum Reception {
        /// Nothing has arrived.
        case none
        /// The call reported an error, or the packet did not fit.
        case failed
        case received(count: Int, source: IPAddress?, Ancillary)
    }

    /// One packet with what the kernel tells beside it.
    func receiveMessage(into octets: inout [UInt8]) -> Reception {
        withUnsafeTemporaryAllocation(byteCount: Ancillary.capacity + SocketAddress.capacity, alignment: 8) { memory in
            octets.withUnsafeMutableBytes { octets in
                var vector = iovec(iov_base: octets.baseAddress, iov_len: octets.count)
                return withUnsafeMutablePointer(to: &vector) { receive(memory, $0) }
            }
        }
    }

    private func receive(
        _ memory: UnsafeMutableRawBufferPointer,
        _ vector: UnsafeMutablePointer<iovec>
    ) -> Reception {
        var message = msghdr()
        message.msg_name = memory.baseAddress?.advanced(by: Ancillary.capacity)
        message.msg_namelen = socklen_t(SocketAddress.capacity)
        message.msg_iov = vector
        message.msg_iovlen = 1
        message.msg_control = memory.baseAddress
        message.msg_controllen = Ancillary.capacity
        let count = recvmsg(raw, &message, Int32(MSG_DONTWAIT))
        guard count >= 0 else { return errno == EAGAIN ? .none : .failed }
        guard message.msg_flags & Int32(MSG_TRUNC) == 0 else { return .failed }
        let name = UnsafeRawBufferPointer(
            rebasing: memory[Ancillary.capacity...].prefix(min(Int(message.msg_namelen), SocketAddress.capacity))
        )
        let control = UnsafeRawBufferPointer(rebasing: memory[..<min(message.msg_controllen, Ancillary.capacity)])
        return .received(count: count, source: SocketAddress(name)?.address, Ancillary(control))
    }
}
