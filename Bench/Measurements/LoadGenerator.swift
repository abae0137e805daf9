// SPDX-License-Identifier: Apache-2.0
#if canImport(LinuxIO)
    import Glibc
    import LinuxIO
    import Mobility
    import Wire

    /// The gateways of a crowd, with sockets: they ask a running anchor and count what it accepts.
    final class LoadGenerator {
        /// A node and one of its paths.
        typealias Subject = (node: Int, path: Int)

        struct Outcome {
            var seconds = 0.0
            /// From an update to its acknowledgement, in milliseconds.
            var latencies: [Double] = []
            /// Sent once more, because no acknowledgement came in time.
            var resent = 0
            /// What the acknowledgements said of each node's home network.
            var prefixes: [Int: [IPPrefix]] = [:]
        }

        /// The anchor has refused, or is gone.
        struct Failure: Error { let problem: String }

        let crowd: Crowd
        /// Of each gateway, in the order of its paths.
        private let sockets: [SignalingSocket]
        /// Time stamps grow, however fast updates are made.
        private var last = Timestamp(value: 0)
        /// Goes on from run to run, so that a late acknowledgement is nobody else's.
        private var sequence: UInt16 = 0

        init(_ crowd: Crowd) throws {
            self.crowd = crowd
            var sockets: [SignalingSocket] = []
            for gateway in 0..<crowd.gateways {
                for path in 1...crowd.paths {
                    let address = crowd.careOf(gateway: gateway, path: path)
                    sockets.append(try SignalingSocket(.udp(port: MobilityPort.control), boundTo: address))
                }
            }
            self.sockets = sockets
        }

        private func timestamp() -> Timestamp {
            last = max(SystemClock.timestamp(), Timestamp(value: last.value + 1))
            return last
        }

        /// Sends an update for each subject and waits for all acknowledgements, with at most `window` of them open. Signed
        /// before the clock runs. What stays unanswered for `patience` is sent again.
        func run(
            _ subjects: [Subject],
            _ kind: UpdateTemplate.Kind,
            window: Int,
            patience: Duration = .seconds(1),
            giveUpAfter limit: Duration = .seconds(20)
        ) throws -> Outcome {
            let first = sequence
            let updates = subjects.map { subject in
                defer { sequence &+= 1 }
                return crowd.update(
                    of: subject.node,
                    path: subject.path,
                    kind,
                    sequence: sequence,
                    at: timestamp()
                )
            }
            var outcome = Outcome()
            var open: [UInt16: (number: Int, first: Instant, latest: Instant)] = [:]
            var next = 0
            let start = SystemClock.now()
            var heard = start
            while next < updates.count || !open.isEmpty {
                while next < updates.count, open.count < window {
                    let now = SystemClock.now()
                    open[first &+ UInt16(truncatingIfNeeded: next)] = (next, now, now)
                    send(updates[next], of: subjects[next])
                    next += 1
                }
                let answers = try receive(within: min(patience, .milliseconds(100)))
                let now = SystemClock.now()
                if !answers.isEmpty { heard = now }
                for answer in answers {
                    guard let entry = open.removeValue(forKey: try sequence(of: answer)) else { continue }
                    outcome.latencies.append(Double((now - entry.first).wholeNanoseconds) / 1e6)
                    if let prefixes = prefixes(in: answer) { outcome.prefixes[subjects[entry.number].node] = prefixes }
                }
                for (key, entry) in open where now - entry.latest > patience {
                    open[key]?.latest = now
                    outcome.resent += 1
                    send(updates[entry.number], of: subjects[entry.number])
                }
                guard now - heard < limit else { throw Failure(problem: "\(open.count) updates are not answered") }
            }
            outcome.seconds = Double((SystemClock.now() - start).wholeNanoseconds) / 1e9
            return outcome
        }

        /// One that the kernel has no room for is sent again like one that is lost on the way.
        private func send(_ update: Datagram, of subject: Subject) {
            let socket = sockets[crowd.gateway(of: subject.node) * crowd.paths + subject.path - 1]
            try? socket.send(update.octets, from: nil, to: update.destination, port: MobilityPort.control)
        }

        /// Acknowledgements only: heartbeats are nobody's business here.
        private func receive(within time: Duration) throws -> [[UInt8]] {
            var files = sockets.map { pollfd(fd: $0.fd, events: Int16(POLLIN), revents: 0) }
            let milliseconds = Int32(max(1, time.wholeNanoseconds / 1_000_000))
            guard poll(&files, nfds_t(files.count), milliseconds) > 0 else { return [] }
            return zip(files, sockets).filter { $0.0.revents != 0 }
                .flatMap { $0.1.receive().map(\.octets) }
                .filter { $0.count > 11 && $0[2] == BindingAcknowledgement.type }
        }

        private func sequence(of acknowledgement: [UInt8]) throws -> UInt16 {
            guard acknowledgement[6] == BindingStatus.accepted.rawValue else {
                throw Failure(problem: "status \(acknowledgement[6])")
            }
            return UInt16(acknowledgement[8]) << 8 | UInt16(acknowledgement[9])
        }

        /// nil while nobody asks: reading them all would be the generator's time.
        private func prefixes(in acknowledgement: [UInt8]) -> [IPPrefix]? {
            guard isReading, let message = try? MobilityHeader(decoding: acknowledgement).message else { return nil }
            return message.options.all(HomeNetworkPrefix.self).compactMap(\.prefix)
        }

        /// Whether outcomes tell prefixes.
        var isReading = false
    }
#endif
