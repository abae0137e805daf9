// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A connection or a stream between a host of the site and one in the Internet, and what became of it.
package struct SimulatedFlow {
    package enum Kind: Sendable {
        /// As much as goes, from the first moment on.
        case tcp
        /// Datagrams of so many octets of payload, evenly spaced.
        case udp(megabits: Double, payload: Int)
    }

    let kind: Kind
    /// From the Internet to the site.
    let isDownload: Bool
    let port: UInt16
    let startsAt: Instant
    let codePoint: UInt8
    private var sender = SimulatedSender()
    private var receiver = SimulatedReceiver()
    private var hasBegun = false
    private var datagrams = 0
    /// What the receiving application had of it, by time: segments or datagrams.
    package private(set) var progress: [(at: Instant, count: Int)] = []
    /// Of datagrams.
    package private(set) var delays: [Duration] = []
    private var arrivals: Set<Int> = []
    private var newestDatagram = -1
    package private(set) var misordered = 0
    package private(set) var repeatedArrivals = 0
    private(set) var lastArrival: Instant?
    private(set) var stalls: [(at: Instant, Duration)] = []

    init(_ kind: Kind, isDownload: Bool, port: UInt16, startsAt: Instant, codePoint: UInt8) {
        self.kind = kind
        self.isDownload = isDownload
        self.port = port
        self.startsAt = startsAt
        self.codePoint = codePoint
    }

    var deadline: Instant {
        guard hasBegun else { return startsAt }
        return switch kind {
        case .tcp: min(sender.deadline, receiver.deadline)
        case .udp: startsAt + spacing * datagrams
        }
    }

    private var spacing: Duration {
        guard case .udp(let megabits, let payload) = kind else { return .zero }
        return .nanoseconds(Int64(Double(payload) * 8000 / megabits))
    }

    package var datagramsSent: Int { datagrams }
    package var datagramsLost: Int { datagrams - arrivals.count }
    package var repetitions: Int { sender.repetitions }

    /// What goes out, and whether from the sending end.
    mutating func deadlineReached(at now: Instant) -> [(SimulatedSegment, isSender: Bool)] {
        switch kind {
        case .udp:
            hasBegun = true
            var out: [(SimulatedSegment, isSender: Bool)] = []
            while startsAt + spacing * datagrams <= now {
                out.append((.datagram(datagrams, sentAt: now), true))
                datagrams += 1
            }
            return out
        case .tcp:
            hasBegun = true
            let answer = receiver.deadlineReached(at: now)
            let urgent = sender.deadline <= now ? sender.deadlineReached(at: now) : []
            let segments = urgent + sender.send(at: now)
            return segments.map { (.data($0, sentAt: now), true) }
                + (answer.map { [(.acknowledgement($0), false)] } ?? [])
        }
    }

    mutating func receive(_ segment: SimulatedSegment, at now: Instant) -> [(SimulatedSegment, isSender: Bool)] {
        switch segment {
        case .data(let number, let sentAt):
            noteArrival(at: now)
            let before = receiver.next
            let answer = receiver.receive(number, sentAt: sentAt, at: now)
            if receiver.next > before { progress.append((now, receiver.next)) }
            return answer.map { [(.acknowledgement($0), false)] } ?? []
        case .acknowledgement(let answer):
            sender.receive(answer, at: now)
            return sender.send(at: now).map { (.data($0, sentAt: now), true) }
        case .datagram(let number, let sentAt):
            noteArrival(at: now)
            guard arrivals.insert(number).inserted else {
                repeatedArrivals += 1
                return []
            }
            if number < newestDatagram { misordered += 1 }
            newestDatagram = max(newestDatagram, number)
            delays.append(now - sentAt)
            progress.append((now, arrivals.count))
            return []
        }
    }

    private mutating func noteArrival(at now: Instant) {
        if let lastArrival, now - lastArrival > .milliseconds(20) { stalls.append((now, now - lastArrival)) }
        lastArrival = now
    }

    /// Segments or datagrams that the application had between the two.
    func count(from start: Instant, to end: Instant) -> Int { count(until: end) - count(until: start) }

    private func count(until moment: Instant) -> Int {
        var low = 0
        var high = progress.count
        while low < high {
            let middle = (low + high) / 2
            if progress[middle].at <= moment { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? 0 : progress[low - 1].count
    }

    /// The longest time without a packet, where it ended after the moment.
    package func longestStall(since start: Instant) -> Duration {
        stalls.filter { $0.at >= start }.map(\.1).max() ?? .zero
    }
}
