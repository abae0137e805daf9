// SPDX-License-Identifier: Apache-2.0

/// The lab's links for a human.
package enum StatusTable {
    /// A line for each direction of each link.
    package static func text(_ links: [LinkStatus]) -> String {
        var rows = [["LINK", "DIRECTION", "FRAMES", "OCTETS", "QUEUE-DROPS", "LOSS-DROPS", "OUTAGE-DROPS", "BEHAVIOR"]]
        for link in links {
            let counters = link.counters
            let numbers = [
                counters.frames, counters.octets, counters.droppedByQueue, counters.droppedByLoss,
                counters.droppedByOutage,
            ]
            rows.append([link.name, link.direction.rawValue] + numbers.map(String.init) + [link.behavior])
        }
        return align(rows)
    }

    /// Columns as wide as their widest cell.
    static func align(_ rows: [[String]]) -> String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (cell, width) in zip(row, widths) {
                line += cell + String(repeating: " ", count: width - cell.count + 2)
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
