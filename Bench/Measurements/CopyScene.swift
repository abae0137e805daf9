// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Wire

/// The packets of `TunnelScene` without forwarders: copied, looked at, copied, looked at.
final class CopyScene {
    private let packet: [UInt8]
    private var near = PacketArena(slots: 8192)
    private var far = PacketArena(slots: 8192)

    init(octets: Int) { packet = Packet.udp(octets: octets, sourcePort: 5000) }

    func run(rounds: Int) -> Sample {
        var read = 0
        let sample = Sample.taking(rounds * TunnelScene.round) {
            for _ in 0..<rounds * TunnelScene.round {
                guard let slot = Packet.put(packet, into: &near) else { continue }
                if near.withBytes(slot, { InnerPacket($0)?.length }) == packet.count { read += 1 }
                if let copy = Packet.move(slot, from: near, into: &far) {
                    if far.withBytes(copy, { InnerPacket($0)?.length }) == packet.count { read += 1 }
                    far.release(copy)
                }
                near.release(slot)
            }
        }
        precondition(read == 2 * rounds * TunnelScene.round, "a packet was lost")
        return sample
    }
}
