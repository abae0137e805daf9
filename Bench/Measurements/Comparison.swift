// SPDX-License-Identifier: Apache-2.0

/// Subjects measured in turn, round by round, so that what disturbs the machine disturbs all of them alike.
struct Comparison {
    struct Row {
        let name: String
        let samples: [Sample]

        var nanoseconds: [Double] { samples.map(\.nanosecondsPerOperation) }
        var allocations: Double { median(samples.map(\.allocationsPerOperation)) }

        /// The median over the rounds of how many times as long as the other one it took in the same round.
        func ratio(to other: Row) -> Double {
            median(zip(nanoseconds, other.nanoseconds).map { $0 / max($1, .leastNonzeroMagnitude) })
        }
    }

    let rows: [Row]

    /// Of each subject a sample a round, after a round that warms up and does not count.
    init(rounds: Int, _ subjects: [(name: String, run: () -> Sample)]) {
        var samples: [[Sample]] = Array(repeating: [], count: subjects.count)
        for round in 0...rounds {
            for (index, subject) in subjects.enumerated() {
                let sample = subject.run()
                if round > 0 { samples[index].append(sample) }
            }
        }
        rows = zip(subjects, samples).map { Row(name: $0.name, samples: $1) }
    }
}

func median(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return 0 }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
