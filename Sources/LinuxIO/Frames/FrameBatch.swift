// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// The headers that recvmmsg(2) and sendmmsg(2) take, one buffer a message.
final class FrameBatch {
    let messages: UnsafeMutablePointer<mmsghdr>
    private let vectors: UnsafeMutablePointer<iovec>
    private let count: Int

    init(count: Int) {
        self.count = count
        messages = .allocate(capacity: count)
        vectors = .allocate(capacity: count)
        messages.initialize(repeating: mmsghdr(), count: count)
        vectors.initialize(repeating: iovec(), count: count)
        for position in 0..<count {
            messages[position].msg_hdr.msg_iov = vectors + position
            messages[position].msg_hdr.msg_iovlen = 1
        }
    }

    deinit {
        messages.deallocate()
        vectors.deallocate()
    }

    func place(_ buffer: UnsafeMutableRawPointer, octets: Int, at position: Int) {
        precondition(position >= 0 && position < count, "a batch has a fixed size")
        vectors[position].iov_base = buffer
        vectors[position].iov_len = octets
    }
}
