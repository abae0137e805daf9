// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
internal import Wire

/// Receives up to 64 packets by one call into memory that the caller provides, slot by slot.
///
/// All that the kernel wants to write beside them is allocated once, here. A slot stays provided until it is
/// replaced: who keeps a received packet provides other memory in its place before receiving again.
package final class ReceiveBatch {
    /// Slots at most.
    package static let capacity = 64
    /// Without options.
    private static let ipv4HeaderSize = 20
    /// Errors of earlier packets (ICMP) that are passed over in one call before giving up until the next.
    private static let pendingErrors = 16

    /// The packets received last.
    package private(set) var count = 0
    /// Slots that have memory, counted from the first.
    package private(set) var provided = 0
    /// Whether the last packets carry an IPv4 header in `headers`.
    private var hasIPv4Header = false
    private var wait = SocketWait()
    private let messages: UnsafeMutableBufferPointer<mmsghdr>
    /// Two for each message: the IPv4 header of raw sockets, then the slot.
    private let vectors: UnsafeMutableBufferPointer<iovec>
    private let names: UnsafeMutableRawBufferPointer
    private let controls: UnsafeMutableRawBufferPointer
    private let headers: UnsafeMutableRawBufferPointer

    package init() {
        let capacity = ReceiveBatch.capacity
        messages = .allocate(capacity: capacity)
        messages.initialize(repeating: mmsghdr())
        vectors = .allocate(capacity: 2 * capacity)
        vectors.initialize(repeating: iovec())
        names = .allocate(byteCount: capacity * SocketAddress.capacity, alignment: 8)
        controls = .allocate(byteCount: capacity * Ancillary.capacity, alignment: 8)
        headers = .allocate(byteCount: capacity * ReceiveBatch.ipv4HeaderSize, alignment: 4)
        for index in 0..<capacity {
            vectors[2 * index].iov_base = headers.baseAddress?.advanced(by: index * ReceiveBatch.ipv4HeaderSize)
            vectors[2 * index].iov_len = ReceiveBatch.ipv4HeaderSize
            messages[index].msg_hdr.msg_name = names.baseAddress?.advanced(by: index * SocketAddress.capacity)
            messages[index].msg_hdr.msg_control = controls.baseAddress?.advanced(by: index * Ancillary.capacity)
        }
    }

    deinit {
        messages.deallocate()
        vectors.deallocate()
        names.deallocate()
        controls.deallocate()
        headers.deallocate()
    }

    /// Sets a slot's memory. Slots are provided in order the first time, later at will.
    package func provide(_ memory: UnsafeMutableRawBufferPointer, at index: Int) {
        precondition(index >= 0 && index <= provided && index < ReceiveBatch.capacity, "slots are provided in order")
        vectors[2 * index + 1].iov_base = memory.baseAddress
        vectors[2 * index + 1].iov_len = memory.count
        provided = max(provided, index + 1)
    }

    /// One of the `count` packets received last; it lies in the slot of the same index.
    package subscript(index: Int) -> ReceivedPacket {
        precondition(index >= 0 && index < count, "only what was received can be asked for")
        let message = messages[index]
        let nameLength = min(Int(message.msg_hdr.msg_namelen), SocketAddress.capacity)
        let name = SocketAddress(
            UnsafeRawBufferPointer(rebasing: names[(index * SocketAddress.capacity)...].prefix(nameLength))
        )
        let controlLength = min(Int(message.msg_hdr.msg_controllen), Ancillary.capacity)
        let ancillary = Ancillary(
            UnsafeRawBufferPointer(rebasing: controls[(index * Ancillary.capacity)...].prefix(controlLength))
        )
        var start = 0
        var length = Int(message.msg_len)
        if hasIPv4Header {
            let words = Int(headers[index * ReceiveBatch.ipv4HeaderSize] & 0x0F)
            length = max(length - ReceiveBatch.ipv4HeaderSize, 0)
            start = min(max(words * 4 - ReceiveBatch.ipv4HeaderSize, 0), length)
        }
        return ReceivedPacket(
            start: start,
            count: length - start,
            source: name?.address,
            sourcePort: name?.port ?? 0,
            destination: ancillary.destination,
            interface: ancillary.interface,
            trafficClass: ancillary.trafficClass,
            waited: wait.length(since: ancillary.arrivedAt),
            isTruncated: message.msg_hdr.msg_flags & Int32(MSG_TRUNC) != 0
        )
    }

    /// Fills the slots with what has arrived, `limit` at most; the number of packets, zero if nothing has.
    func receive(from file: FileDescriptor, stripIPv4Header: Bool, limit: Int = capacity) -> Int {
        let wanted = max(min(limit, provided), 0)
        hasIPv4Header = stripIPv4Header
        count = 0
        guard wanted > 0 else { return 0 }
        for index in 0..<wanted { prepare(index) }
        for _ in 0..<ReceiveBatch.pendingErrors {
            let received = recvmmsg(file.raw, messages.baseAddress, UInt32(wanted), Int32(MSG_DONTWAIT), nil)
            if received >= 0 {
                count = Int(received)
                wait.read(at: SystemClock.now(), wallNanoseconds: SystemClock.wallNanoseconds())
                return count
            }
            // Any other error is an earlier packet's, and is taken off the socket by being reported.
            if errno == EAGAIN { return 0 }
        }
        return 0
    }

    /// The kernel overwrites the lengths, so that they are set again each time.
    private func prepare(_ index: Int) {
        messages[index].msg_hdr.msg_namelen = socklen_t(SocketAddress.capacity)
        messages[index].msg_hdr.msg_controllen = Ancillary.capacity
        messages[index].msg_hdr.msg_flags = 0
        messages[index].msg_hdr.msg_iov = vectors.baseAddress?.advanced(by: hasIPv4Header ? 2 * index : 2 * index + 1)
        messages[index].msg_hdr.msg_iovlen = hasIPv4Header ? 2 : 1
    }
}
