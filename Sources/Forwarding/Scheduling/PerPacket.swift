// SPDX-License-Identifier: Apache-2.0

/// Weighted fair distribution of single packets: each goes to the path on which it would be finished first if every
/// path took its weight's time for an octet. No path is ever ahead of its share by more than one packet.
enum PerPacket {
    struct Choice {
        var index: Int
        var finish: Double
        /// The backlog of the path that was used least.
        var earliest: Double
    }

    /// The path for a packet of `octets`; nil if none is usable and admitted.
    static func choose(
        _ octets: Int,
        among paths: [Path],
        where isAdmitted: (Int) -> Bool = { _ in true }
    ) -> Choice? {
        var best: (index: Int, finish: Double)?
        var earliest = Double.infinity
        for index in paths.indices where paths[index].isUsable && isAdmitted(index) {
            earliest = min(earliest, paths[index].backlog)
            let finish = paths[index].backlog + Double(octets) / paths[index].weight
            if finish < best?.finish ?? .infinity { best = (index, finish) }
        }
        return best.map { Choice(index: $0.index, finish: $0.finish, earliest: earliest) }
    }

    /// The packet takes the path.
    static func book(_ choice: Choice, on paths: inout [Path]) {
        paths[choice.index].backlog = choice.finish
        // Only differences count. Those of unusable paths fade too: one that comes back gets neither a burst of
        // what it missed nor a penalty.
        for index in paths.indices { paths[index].backlog = max(0, paths[index].backlog - choice.earliest) }
    }
}
