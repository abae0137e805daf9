// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Wire

/// Packets through two forwarders in memory: into a gateway from its TUN device, out of an anchor to its own.
enum ForwardingMeasurement {
    private static let batches = 300
    private static let sizes = [1400, 64]

    static func run(rounds: Int) {
        for octets in sizes {
            let subjects = [baseline(octets)] + Encapsulation.allCases.flatMap { encapsulations($0, octets) }
            let comparison = Comparison(rounds: rounds, subjects)
            show(comparison, octets: octets, rounds: rounds)
        }
    }

    private static func encapsulations(
        _ encapsulation: Encapsulation,
        _ octets: Int
    ) -> [(name: String, run: () -> Sample)] {
        let alone = [false, true].map { isPerPacket in
            subject(
                "\(encapsulation) | \(isPerPacket ? "per packet" : "per flow") | 1",
                TunnelScene.Shape(encapsulation: encapsulation, isPerPacket: isPerPacket, octets: octets)
            )
        }
        guard encapsulation == .gre else { return alone }
        let shape = TunnelScene.Shape(encapsulation: .gre, isPerPacket: true, octets: octets)
        var (swapped, crowded) = (shape, shape)
        swapped.isReordering = true
        crowded.others = 1000
        return alone + [
            subject("gre | per packet, neighbours swapped | 1", swapped), subject("gre | per packet | 1001", crowded),
        ]
    }

    private static func subject(_ name: String, _ shape: TunnelScene.Shape) -> (name: String, run: () -> Sample) {
        let scene = TunnelScene(shape)
        return (name, { scene.run(rounds: batches) })
    }

    /// What cannot be saved: a copy into either end's memory, and a look at the header there.
    private static func baseline(_ octets: Int) -> (name: String, run: () -> Sample) {
        let scene = CopyScene(octets: octets)
        return ("baseline: two copies, two header reads | – | –", { scene.run(rounds: batches) })
    }

    private static func show(_ comparison: Comparison, octets: Int, rounds: Int) {
        let baseline = comparison.rows[0]
        Table.show(
            "\(octets)-octet packets through gateway and anchor in memory, \(rounds) rounds of "
                + "\(batches * TunnelScene.round)",
            [
                "encapsulation", "distribution", "sessions", "ns per packet", "million packets per second",
                "Gbit/s", "times baseline", "allocations",
            ],
            comparison.rows.map { row in
                let time = median(row.nanoseconds)
                return [
                    row.name, Table.spread(row.nanoseconds), Table.number(1000 / time),
                    Table.number(Double(octets * 8) / time), Table.number(row.ratio(to: baseline)),
                    Table.number(row.allocations),
                ]
            }
        )
    }
}
