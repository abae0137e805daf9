// SPDX-License-Identifier: Apache-2.0

/// Weighted fair distribution of single packets: each goes to the path on which it would be finished first if every
/// path took its weight's time for an octet. No path is ever ahead of its share by more than one packet.
enum PerPacket {
    /// The index of the path for a packet of `octets`, which is booked on it; nil if none is usable.
    static func choose(_ octets: Int, among paths: inout [Path]) -> Int? {
        var best: (index: Int, finish: Double)?
        var earliest = Double.infinity
        for (index, path) in paths.enumerated() where path.isUsable {
            earliest = min(earliest, path.backlog)
            let finish = path.backlog + Double(octets) / path.weight
            if finish < best?.finish ?? .infinity { best = (index, finish) }
        }
        guard let best else { return nil }
        paths[best.index].backlog = best.finish
        // Only differences count. Those of unusable paths fade too: one that comes back gets neither a burst of
        // what it missed nor a penalty.
        for index in paths.indices { paths[index].backlog = max(0, paths[index].backlog - earliest) }
        return best.index
    }
}
