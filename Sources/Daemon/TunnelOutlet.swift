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

        /// Where the path's packets with this inner family pass.
        init(_ path: PathParameters, device: String?, isIPv4: Bool) {
            kind =
                switch path.encapsulation {
                case .ipInIP: isIPv4 ? .ipv4 : .ipv6
                case .gre: .gre
                case .udp, .udpTLV, .udpTLVGRE: .udp(port: MobilityPort.data)
                }
            address = path.local
            self.device = device
        }
    }

    let key: Key
    /// By which the forwarder tells links apart.
    let number: Int32
    let socket: TunnelSocket
    let batch = ReceiveBatch()
    let sending = SendBatch()
    /// The arena's slots that the kernel may write to, in the batch's order.
    private(set) var slots: [Slot] = []

    init(_ key: Key, number: Int32) throws(SystemError) {
        self.key = key
        self.number = number
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

    /// What the forwarder has to know of the packet; nil if the kernel did not tell it.
    func arrival(of packet: ReceivedPacket) -> TunnelArrival? {
        guard let source = packet.source, let destination = packet.destination else { return nil }
        let transport: TunnelArrival.Transport =
            switch key.kind {
            case .ipv4: .ipInIP(isIPv4: true)
            case .ipv6: .ipInIP(isIPv4: false)
            case .gre: .gre
            case .udp: .udp(sourcePort: packet.sourcePort)
            }
        return TunnelArrival(
            local: destination,
            remote: source,
            transport: transport,
            outlet: number,
            trafficClass: packet.trafficClass,
            waited: packet.waited
        )
    }

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
