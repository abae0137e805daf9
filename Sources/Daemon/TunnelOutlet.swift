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

    /// ENOBUFS
    var isWithoutMemory: SystemError { SystemError(call: "receive", errno: 105, subject: socket.subject) }

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
