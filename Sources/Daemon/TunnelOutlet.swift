// SPDX-License-Identifier: Apache-2.0
import Forwarding
import LinuxIO
import Wire

/// A tunnel socket with the batches that fill and empty it. Paths whose own end is the same share one.
final class TunnelOutlet {
    struct Key: Hashable, Sendable {
        var kind: TunnelSocket.Kind
        var address: IPAddress
        var device: String?

        init(_ path: PathParameters, device: String?) {
            switch path.encapsulation {
            case .gre: kind = .gre
            case .udpTLVGRE: kind = .udp(port: MobilityPort.data)
            }
            address = path.local
            self.device = device
        }
    }

    let key: Key
    let socket: TunnelSocket
    let batch = ReceiveBatch()
    let sending = SendBatch()
    /// The arena's slots that the kernel may write to, in the batch's order.
    private(set) var slots: [Slot] = []

    init(_ key: Key) throws(SystemError) {
        self.key = key
        socket = try TunnelSocket(
            key.kind,
            over: AddressFamily(of: key.address),
            boundTo: key.address,
            device: key.device
        )
    }

    func receive() -> Int { socket.receive(into: batch) }

    func provide(_ slot: Slot, memory: UnsafeMutableRawBufferPointer, at index: Int) {
        slots.append(slot)
        batch.provide(memory, at: index)
    }

    /// Gives out the slot that a packet lies in, and has the kernel write the next one elsewhere.
    func exchange(_ fresh: Slot, memory: UnsafeMutableRawBufferPointer, at index: Int) -> Slot {
        let filled = slots[index]
        slots[index] = fresh
        batch.provide(memory, at: index)
        return filled
    }
}

/// What the worker itself has lost or met; the forwarder counts the rest.
struct WorkerCounters: Sendable {
    /// Packets not read because every slot was taken.
    var arenaExhausted = 0
    /// Packets whose outer addresses or length the kernel did not tell, or for which no slot was free.
    var unreceivable = 0
    /// Packets dropped because a socket's or link's queue was full.
    var congested = 0
    /// Packets that the kernel refused to send.
    var refused = 0
    var tunErrors = 0
}
