// SPDX-License-Identifier: Apache-2.0

/// What was sent of late, from which follows what must have waited on a path that carries so and so much.
struct SendHistory: Equatable, Sendable {
    private struct Mark: Equatable {
        var octets: Int
        var at: Double
    }

    /// A power of two; a second or more.
    private static let capacity = 64
    /// A mark that is that much younger still counts.
    private static let tolerance = 0.003

    private var marks: [Mark] = []
    private var count = 0

    /// So much left since the last one.
    mutating func note(_ octets: Int, at now: Double) {
        let mark = Mark(octets: octets, at: now)
        if marks.isEmpty { marks = Array(repeating: mark, count: Self.capacity) }
        marks[count % Self.capacity] = mark
        count += 1
    }

    /// For how long what left then had to wait if the path carries that rate.
    func wait(at moment: Double, behind rate: Double) -> Double {
        guard count > 1 else { return 0 }
        var backlog = 0.0
        for index in max(1, count - Self.capacity + 1)..<count {
            let mark = marks[index % Self.capacity]
            guard mark.at <= moment + Self.tolerance else { break }
            let time = mark.at - marks[(index - 1) % Self.capacity].at
            backlog = max(0, backlog + Double(mark.octets) * 8 - rate * time)
        }
        return backlog / rate
    }
}
