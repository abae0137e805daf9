// SPDX-License-Identifier: Apache-2.0
#if canImport(LinuxIO) && canImport(GRDB)
    import Glibc
    import LinuxIO

    extension DaemonMeasurement {
        /// Where it stops to look: bindings held.
        private static let marks = [1000, 10_000, 100_000, 1_000_000]
        /// Longer than any stall: only processor time is of interest, and an update sent twice would be counted twice.
        private static let growthPatience = Duration.seconds(15)
        /// What may be lost the daemon writes within a second: that belongs to the update.
        private static let rest = Duration.milliseconds(1500)

        /// What an update costs a daemon with a store as its bindings become tenfold and tenfold. What grows by doubling
        /// shows in the mean over all that were added since the mark before, as it does in service.
        static func runGrowth(program: String, directory: String, atMost most: Int) {
            do {
                try DaemonMeasurement(program: program, directory: directory, rounds: 1).grow(atMost: most)
            } catch {
                print("Bench: \(error)")
                exit(1)
            }
        }

        private func grow(atMost most: Int) throws {
            let crowd = Crowd(gateways: 16, paths: Self.paths, isIPv4: true)
            let anchor = AnchorProcess(program, in: directory, serving: crowd, store: "\(directory)/lma.sqlite")
            let load = try LoadGenerator(crowd)
            try anchor.start()
            defer { anchor.end(by: SIGKILL) }
            _ = try load.run([Self.probe], .first, window: 1, patience: .milliseconds(5))
            let before = anchor.residentOctets
            var dice = SystemRandomNumberGenerator()
            var rows: [[String]] = []
            var held = 0
            for mark in Self.marks where mark <= most {
                let (first, further) = try fill(from: held, to: mark, anchor, load)
                held = mark
                var cells = [first, further].map { Table.number($0.processorMicroseconds) }
                let memory = (anchor.residentOctets - before) / mark
                for kind in [UpdateTemplate.Kind.refresh, .bulkRefresh] {
                    var row = Row(name: "", bindings: mark)
                    for _ in 0..<3 {
                        // Each node once, as in service: of one that came twice only the last would be written.
                        let nodes = Array((0..<mark / Self.paths).shuffled(using: &dice).prefix(Self.batch))
                        let subjects = nodes.map { (node: $0, path: kind == .refresh ? 1 + $0 % Self.paths : 1) }
                        let patience = Self.growthPatience
                        try take(subjects, kind, anchor, load, patience: patience, rest: Self.rest, into: &row)
                    }
                    cells.append(Table.number(row.processorMicroseconds))
                }
                let restart = try restart(anchor, load, of: mark / Self.paths)
                rows.append(["\(mark)"] + cells + [Table.number(Double(memory))] + restart)
            }
            Table.show(
                "A daemon with SQLite as its bindings grow: its processor time for each update, µs",
                [
                    "bindings held", "first registration of a node", "first of its other path", "refresh",
                    "bulk refresh of 2", "octets of memory per binding",
                    "seconds from start after SIGKILL until it answers", "sampled sessions with their prefixes",
                ],
                rows
            )
        }

        /// Each node over both paths, a batch of nodes at a time.
        private func fill(
            from held: Int,
            to mark: Int,
            _ anchor: AnchorProcess,
            _ load: LoadGenerator
        ) throws -> (first: Row, further: Row) {
            var rows = (first: Row(name: "", bindings: mark), further: Row(name: "", bindings: mark))
            let (start, end) = (held / Self.paths, mark / Self.paths)
            for nodes in stride(from: start, to: end, by: Self.batch).map({ $0..<min(end, $0 + Self.batch) }) {
                let patience = Self.growthPatience
                try take(nodes.map { ($0, 1) }, .first, anchor, load, patience: patience, into: &rows.first)
                try take(nodes.map { ($0, 2) }, .first, anchor, load, patience: patience, into: &rows.further)
            }
            return rows
        }
    }
#endif
