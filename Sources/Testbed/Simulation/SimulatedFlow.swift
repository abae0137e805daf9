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
    /// From then on a stream sends nothing new.
    let endsAt: Instant
    let codePoint: UInt8
    private var sender = SimulatedSender()
    private var receiver = SimulatedReceiver()
    private var hasBegun = false
    /// By number, those that were sent.
    private var datagrams: [SimulatedDatagram] = []
    private var datagramsReceived = 0
    private var newestDatagram = -1
    /// What the receiving application had of it, by time: segments or datagrams.
    package private(set) var progress: [(at: Instant, count: Int)] = []
    package private(set) var repeatedArrivals = 0
    private var lastArrival: Instant?
    private var stalls: [(at: Instant, Duration)] = []

    init(
        _ kind: Kind,
        isDownload: Bool,
        port: UInt16,
        startsAt: Instant,
        endsAt: Instant = .never,
        codePoint: UInt8
    ) {
        self.kind = kind
        self.isDownload = isDownload
        self.port = port
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.codePoint = codePoint
    }

    package var isTCP: Bool { if case .tcp = kind { true } else { false } }

    var deadline: Instant {
        guard hasBegun else { return startsAt }
        switch kind {
        case .tcp: return min(sender.deadline, receiver.deadline)
        case .udp:
            let next = nextDatagramAt
            return next < endsAt ? next : .never
        }
    }

    private var spacing: Duration {
        guard case .udp(let megabits, let payload) = kind else { return .zero }
        return .nanoseconds(Int64(Double(payload) * 8000 / megabits))
    }

    private var nextDatagramAt: Instant { startsAt + spacing * datagrams.count }

    package var datagramsSent: Int { datagrams.count }
    package var datagramsLost: Int { datagrams.count - datagramsReceived }
    /// Of the datagrams that arrived.
    package var delays: [Duration] { datagrams.compactMap(\.delay) }
    package var repetitions: Int { sender.repetitions }

    /// Those that were sent between the two.
    package func datagrams(from start: Instant, to end: Instant) -> [SimulatedDatagram] {
        datagrams.filter { $0.sentAt >= start && $0.sentAt < end }
    }

    /// What goes out, and whether from the sending end.
    mutating func deadlineReached(at now: Instant) -> [(SimulatedSegment, isSender: Bool)] {
        hasBegun = true
        switch kind {
        case .udp:
            var out: [(SimulatedSegment, isSender: Bool)] = []
            while nextDatagramAt <= now, nextDatagramAt < endsAt {
                out.append((.datagram(datagrams.count), true))
                datagrams.append(SimulatedDatagram(sentAt: now))
            }
            return out
        case .tcp:
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
        case .datagram(let number):
            noteArrival(at: now)
            receive(datagram: number, at: now)
            return []
        }
    }

    private mutating func receive(datagram number: Int, at now: Instant) {
        guard datagrams[number].delay == nil else {
            repeatedArrivals += 1
            return
        }
        datagrams[number].delay = now - datagrams[number].sentAt
        datagrams[number].isMisordered = number < newestDatagram
        newestDatagram = max(newestDatagram, number)
        datagramsReceived += 1
        progress.append((now, datagramsReceived))
    }

    private mutating func noteArrival(at now: Instant) {
        if let lastArrival, now - lastArrival > .milliseconds(5) { stalls.append((now, now - lastArrival)) }
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

    /// The longest time without a packet that lies at least partly between the two.
    package func longestStall(from start: Instant, to end: Instant) -> Duration {
        let over = stalls.filter { $0.at >= start && $0.at - $0.1 <= end }.map(\.1).max() ?? .zero
        return max(over, end - max(start, lastArrival ?? start))
    }
}
