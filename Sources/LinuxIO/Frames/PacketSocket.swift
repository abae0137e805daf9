// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// Sends and receives the Ethernet frames of one interface in batches (AF_PACKET, packet(7)).
///
/// Owned by one thread, and opened in that thread's network namespace. Frames that this machine
/// sends through the interface by other means are not received.
package final class PacketSocket {
    /// Frames that one system call carries at most.
    package static let batch = 64

    /// To watch; readable while frames wait.
    package let descriptor: Int32
    private let arena: FrameArena
    private let incoming: FrameBatch
    private let outgoing: FrameBatch
    private var loaded: [FrameArena.Slot] = []
    private var staged: [FrameArena.Slot] = []

    /// Frames that found no slot, or no room in one.
    package private(set) var overflowed = 0
    /// Frames that the interface refused, because it was down or its queue full.
    package private(set) var refused = 0

    package init(interface: String, arena: FrameArena) throws(SystemError) {
        let index = if_nametoindex(interface)
        guard index != 0 else { throw SystemError(call: "if_nametoindex", subject: interface) }
        // Protocol 0: nothing is received before bind() names the interface.
        descriptor = socket(AF_PACKET, Int32(SOCK_RAW.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError(call: "socket", subject: interface) }
        self.arena = arena
        incoming = FrameBatch(count: Self.batch)
        outgoing = FrameBatch(count: Self.batch)
        for position in 0..<Self.batch {
            guard let slot = arena.take() else { break }
            incoming.place(arena.address(of: slot), octets: FrameArena.slotOctets, at: position)
            loaded.append(slot)
        }
        staged.reserveCapacity(Self.batch)
        try configure(interface: interface, index: index)
    }

    deinit { close(descriptor) }

    private func configure(interface: String, index: UInt32) throws(SystemError) {
        var on: Int32 = 1
        var octets: Int32 = 8 << 20
        let size = socklen_t(MemoryLayout<Int32>.size)
        guard setsockopt(descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, size) == 0 else {
            throw SystemError(call: "setsockopt PACKET_IGNORE_OUTGOING", subject: interface)
        }
        // Both only make it faster and roomier: a refusal is no reason to stop.
        _ = setsockopt(descriptor, SOL_PACKET, PACKET_QDISC_BYPASS, &on, size)
        _ = setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &octets, size)
        _ = setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &octets, size)
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_protocol = UInt16(ETH_P_ALL).bigEndian
        address.sll_ifindex = Int32(index)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_ll>.size))
            }
        }
        guard bound == 0 else { throw SystemError(call: "bind", subject: interface) }
    }

    /// Receives at most `batch` frames; `handle` becomes the owner of each slot. Returns their number.
    package func receive(_ handle: (FrameArena.Slot, _ octets: Int) -> Void) -> Int {
        let received = Int(recvmmsg(descriptor, incoming.messages, UInt32(loaded.count), Int32(MSG_DONTWAIT), nil))
        // An interface that went down reports it once (ENETDOWN) and works again when it is up.
        guard received > 0 else { return 0 }
        for position in 0..<received {
            let message = incoming.messages[position]
            guard message.msg_hdr.msg_flags & Int32(MSG_TRUNC) == 0, let next = arena.take() else {
                overflowed += 1
                continue
            }
            let slot = loaded[position]
            loaded[position] = next
            incoming.place(arena.address(of: next), octets: FrameArena.slotOctets, at: position)
            handle(slot, Int(message.msg_len))
        }
        return received
    }

    /// Notes a frame for `flush`, which gives its slot back.
    package func stage(_ slot: FrameArena.Slot, octets: Int) {
        if staged.count == Self.batch { flush() }
        outgoing.place(arena.address(of: slot), octets: min(octets, FrameArena.slotOctets), at: staged.count)
        staged.append(slot)
    }

    /// Sends what was staged. A frame that the interface refuses is dropped and counted.
    package func flush() {
        var start = 0
        while start < staged.count {
            let sent = Int(sendmmsg(descriptor, outgoing.messages + start, UInt32(staged.count - start), 0))
            if sent > 0 {
                start += sent
            } else {
                refused += 1
                start += 1
            }
        }
        for slot in staged { arena.giveBack(slot) }
        staged.removeAll(keepingCapacity: true)
    }
}
