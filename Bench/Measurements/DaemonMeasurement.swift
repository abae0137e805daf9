// SPDX-License-Identifier: Apache-2.0
#if canImport(LinuxIO) && canImport(GRDB)
    import Glibc
    import LinuxIO
    import Wire

    /// Registrations through sockets with a running anchor: from the gateways' UDP to the store on the disk and back.
    struct DaemonMeasurement {
        private static let bindings = 100_000
        static let batch = 5000
        /// Updates that wait for their acknowledgement at a time.
        static let window = 256
        static let paths = 2
        /// The node beyond all others tells when the anchor is there.
        static let probe: LoadGenerator.Subject = (node: 1_000_000, path: 1)

        let program: String
        let directory: String
        private let rounds: Int

        /// `directory` is where the anchor's files go, and the store.
        static func run(program: String, directory: String, rounds: Int) {
            do {
                let measurement = DaemonMeasurement(program: program, directory: directory, rounds: rounds)
                try measurement.run()
            } catch {
                print("Bench: \(error)")
                exit(1)
            }
        }

        init(program: String, directory: String, rounds: Int) {
            (self.program, self.directory, self.rounds) = (program, directory, rounds)
        }

        private func run() throws {
            let baseline = try StoreBaseline(path: "\(directory)/baseline.sqlite")
            let single = try (0..<rounds).map { _ in try baseline.rate(2000, batch: 1) }
            let grouped = try (0..<rounds).map { _ in try baseline.rate(19_200, batch: 64) }
            var rows = [
                ["SQLite alone, an upsert a transaction", "–", "–", Table.spread(single), "–", "1.00", "–", "–"],
                [
                    "SQLite alone, 64 upserts a transaction", "–", "–", Table.spread(grouped), "–",
                    Table.number(median(grouped) / median(single)), "–", "–",
                ],
            ]
            var holdings: [[String]] = []
            for (name, store) in [("SQLite", "\(directory)/lma.sqlite"), ("none", "memory")] {
                let results = try measure(store: store)
                rows += results.rows.map { row in
                    [
                        row.name, name, "\(row.bindings)", Table.spread(row.rates),
                        Table.number(row.processorMicroseconds),
                    ]
                        + [Table.number(median(row.rates) / median(single))] + latencies(row.latencies)
                }
                holdings.append([name] + results.holdings)
            }
            show(rows, holdings)
        }

        private func latencies(_ values: [Double]) -> [String] {
            let sorted = values.sorted()
            guard let last = sorted.last else { return ["–", "–"] }
            let late = sorted.dropFirst(sorted.count * 99 / 100).first ?? last
            return [Table.number(median(sorted)), Table.number(late)]
        }

        private func show(_ rows: [[String]], _ holdings: [[String]]) {
            Table.show(
                "Registrations through sockets, \(Self.window) at a time, signed (HMAC-SHA256), \(rounds) rounds of \(Self.batch)",
                [
                    "what", "store", "bindings held", "a second", "daemon's processor, µs each", "times SQLite alone",
                    "median latency, ms", "99th percentile, ms",
                ],
                rows
            )
            Table.show(
                "A daemon with \(Self.bindings) bindings",
                [
                    "store", "octets of memory per binding", "seconds from start after SIGKILL until it answers",
                    "sampled sessions with their prefixes",
                ],
                holdings
            )
        }

        // MARK: One anchor

        struct Row {
            var name: String
            var bindings: Int
            var rates: [Double] = []
            var processorMicroseconds = 0.0
            var latencies: [Double] = []
        }

        private func measure(store: String) throws -> (rows: [Row], holdings: [String]) {
            let crowd = Crowd(gateways: 16, paths: Self.paths, isIPv4: true)
            let anchor = AnchorProcess(program, in: directory, serving: crowd, store: store)
            let load = try LoadGenerator(crowd)
            try anchor.start()
            // Not by SIGTERM: to take a hundred thousand routes away is another measurement.
            defer { anchor.end(by: SIGKILL) }
            _ = try load.run([Self.probe], .first, window: 1, patience: .milliseconds(5))
            let before = anchor.residentOctets
            var rows = try fill(anchor, load)
            let memory = (anchor.residentOctets - before) / Self.bindings
            var dice = SystemRandomNumberGenerator()
            for (name, kind) in [("refresh", UpdateTemplate.Kind.refresh), ("bulk refresh of 2", .bulkRefresh)] {
                var row = Row(name: name, bindings: Self.bindings)
                for _ in 0..<rounds {
                    let subjects = some(of: Self.bindings / Self.paths, for: kind, &dice)
                    try take(subjects, kind, anchor, load, into: &row)
                }
                rows.append(row)
                // One after the other: nobody waits for anybody.
                var alone = Row(name: "\(name), one at a time", bindings: Self.bindings)
                try take((0..<1000).map { ($0, 1) }, kind, anchor, load, window: 1, into: &alone)
                rows.append(alone)
            }
            let isKept = store != "memory"
            let restart = isKept ? try self.restart(anchor, load, of: Self.bindings / Self.paths) : ["–", "–"]
            return (rows, [Table.number(Double(memory))] + restart)
        }

        private func fill(_ anchor: AnchorProcess, _ load: LoadGenerator) throws -> [Row] {
            var rows: [Row] = []
            var held = 0
            let nodes = Self.bindings / Self.paths
            for path in 1...Self.paths {
                let name = path == 1 ? "first registration of a node" : "first of a further path"
                for start in stride(from: 0, to: nodes, by: Self.batch) {
                    let subjects = (start..<min(nodes, start + Self.batch)).map { (node: $0, path: path) }
                    held += subjects.count
                    // The first, and the last with as many bindings as there will be of the kind.
                    var row = Row(name: name, bindings: held)
                    try take(subjects, .first, anchor, load, into: &row)
                    if start == 0 || start + Self.batch >= nodes { rows.append(row) }
                }
            }
            return rows
        }

        /// A batch of nodes, each as likely as any.
        func some(
            of nodes: Int,
            for kind: UpdateTemplate.Kind,
            _ dice: inout SystemRandomNumberGenerator
        ) -> [LoadGenerator.Subject] {
            (0..<Self.batch).map { _ in
                let node = Int.random(in: 0..<nodes, using: &dice)
                return (node: node, path: kind == .refresh ? Int.random(in: 1...Self.paths, using: &dice) : 1)
            }
        }

        /// `rest`: for how long the daemon's processor time is counted on.
        func take(
            _ subjects: [LoadGenerator.Subject],
            _ kind: UpdateTemplate.Kind,
            _ anchor: AnchorProcess,
            _ load: LoadGenerator,
            window: Int = DaemonMeasurement.window,
            patience: Duration = .seconds(1),
            rest: Duration = .zero,
            into row: inout Row
        ) throws {
            let used = anchor.processorTime
            let outcome = try load.run(subjects, kind, window: window, patience: patience)
            usleep(UInt32(clamping: rest.wholeNanoseconds / 1000))
            let count = Double(subjects.count)
            let processor = (anchor.processorTime - used) / count * 1e6
            row.processorMicroseconds += (processor - row.processorMicroseconds) / Double(row.rates.count + 1)
            row.rates.append(count / outcome.seconds)
            row.latencies += outcome.latencies
        }

        /// Killed and started again: how long until it answers, and whether nodes have what they had.
        func restart(_ anchor: AnchorProcess, _ load: LoadGenerator, of nodes: Int) throws -> [String] {
            let sample = stride(from: 0, to: nodes, by: max(1, nodes / 64)).map { (node: $0, path: 1) }
            load.isReading = true
            defer { load.isReading = false }
            let before = try load.run(sample, .refresh, window: 16).prefixes
            anchor.end(by: SIGKILL)
            let start = SystemClock.now()
            try anchor.start()
            while true {
                // A new one each time: what was signed before the anchor had loaded its store is too old for it (157).
                let outcome = try? load.run([Self.probe], .refresh, window: 1, giveUpAfter: .milliseconds(20))
                if outcome != nil { break }
                guard SystemClock.now() - start < .seconds(120) else {
                    throw LoadGenerator.Failure(problem: "no answer after a restart")
                }
            }
            let took = Double((SystemClock.now() - start).wholeNanoseconds) / 1e9
            let after = try load.run(sample, .refresh, window: 16).prefixes
            let kept = sample.count { before[$0.node] != nil && before[$0.node] == after[$0.node] }
            return [Table.number(took), "\(kept) of \(sample.count)"]
        }
    }
#endif
