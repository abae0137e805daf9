// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// Collects up to 64 packets, which stay where they are, and sends them by one call.
///
/// The memory handed to `append` must stay untouched until `flush`.
package final class SendBatch {
    /// Packets at most.
    package static let capacity = 64

    /// Packets that wait for `flush`.
    package private(set) var count = 0
    package var isFull: Bool { count == SendBatch.capacity }
    package var isEmpty: Bool { count == 0 }
    private let messages: UnsafeMutableBufferPointer<mmsghdr>
    private let vectors: UnsafeMutableBufferPointer<iovec>
    private let names: UnsafeMutableRawBufferPointer
    private let controls: UnsafeMutableRawBufferPointer

    package init() {
        let capacity = SendBatch.capacity
        messages = .allocate(capacity: capacity)
        messages.initialize(repeating: mmsghdr())
        vectors = .allocate(capacity: capacity)
        vectors.initialize(repeating: iovec())
        names = .allocate(byteCount: capacity * SocketAddress.capacity, alignment: 8)
        controls = .allocate(byteCount: capacity * Ancillary.capacity, alignment: 8)
        for index in 0..<capacity {
            messages[index].msg_hdr.msg_name = names.baseAddress?.advanced(by: index * SocketAddress.capacity)
            messages[index].msg_hdr.msg_iov = vectors.baseAddress?.advanced(by: index)
            messages[index].msg_hdr.msg_iovlen = 1
        }
    }

    deinit {
        messages.deallocate()
        vectors.deallocate()
        names.deallocate()
        controls.deallocate()
    }

    /// Adds a packet; false if the batch is full. The kernel chooses the source if none is given. `port` is
    /// the UDP destination port, and zero without UDP; `trafficClass` is the outer header's.
    package func append(
        _ octets: UnsafeRawBufferPointer,
        from source: IPAddress?,
        to destination: IPAddress,
        port: UInt16 = 0,
        trafficClass: UInt8 = 0
    ) -> Bool {
        guard !isFull else { return false }
        let index = count
        vectors[index].iov_base = UnsafeMutableRawPointer(mutating: octets.baseAddress)
        vectors[index].iov_len = octets.count
        let name = memory(names, index, SocketAddress.capacity)
        messages[index].msg_hdr.msg_namelen = SocketAddress(destination, port: port).write(to: name)
        let control = memory(controls, index, Ancillary.capacity)
        var length = 0
        if let source { length = Ancillary.write(source: source, to: control) }
        if trafficClass != 0 {
            let rest = UnsafeMutableRawBufferPointer(rebasing: control[length...])
            length += Ancillary.write(trafficClass: trafficClass, AddressFamily(of: destination), to: rest)
        }
        messages[index].msg_hdr.msg_control = length == 0 ? nil : control.baseAddress
        messages[index].msg_hdr.msg_controllen = length
        count += 1
        return true
    }

    /// Empties the batch; nothing is sent.
    package func clear() { count = 0 }

    /// Sends and empties the batch. A packet that is refused does not stop those behind it.
    package func flush(on socket: TunnelSocket) -> SendOutcome {
        var outcome = SendOutcome()
        var next = 0
        while next < count {
            let first = messages.baseAddress?.advanced(by: next)
            let result = sendmmsg(socket.fd, first, UInt32(count - next), Int32(MSG_DONTWAIT))
            guard result <= 0 else {
                for index in next..<(next + Int(result)) { outcome.octets += Int(messages[index].msg_len) }
                outcome.sent += Int(result)
                next += Int(result)
                continue
            }
            switch errno {
            case EINTR:
                continue
            case EAGAIN:
                // The socket's own buffer is full: the rest would fare no better.
                outcome.congested += count - next
                next = count
            case ENOBUFS, ENOMEM:
                outcome.congested += 1
                next += 1
            case let reason:
                if let destination = destination(of: next) { outcome.fail(destination, reason) }
                next += 1
            }
        }
        count = 0
        return outcome
    }

    private func destination(of index: Int) -> IPAddress? {
        SocketAddress(UnsafeRawBufferPointer(memory(names, index, SocketAddress.capacity)))?.address
    }

    private func memory(
        _ whole: UnsafeMutableRawBufferPointer,
        _ index: Int,
        _ size: Int
    ) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: whole[(index * size)...].prefix(size))
    }
}
