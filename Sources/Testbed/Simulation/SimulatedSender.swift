// SPDX-License-Identifier: Apache-2.0
import Wire

/// The sending end of a TCP connection that always has more to send: CUBIC, selective acknowledgements, losses found by
/// time (RACK and its tail loss probe, RFC 8985), proportional rate reduction (RFC 6937).
struct SimulatedSender {
    private struct Outstanding {
        var sentAt: Instant
        var isSacked = false
        var isLost = false
        var isRepeated = false
    }

    private struct Recovery {
        var end: Int
        var flightAtStart: Int
        var delivered = 0
        var sent = 0
        /// Repeated, and not yet known to have been superfluous.
        var repeated = 0
        var isAfterTimeout = false
    }

    private static let shortestTimeout = Duration.milliseconds(200)
    /// What the receiver takes: as Linux's buffers grow to.
    private static let receiveWindow = 4000

    private(set) var window = CubicWindow()
    /// The first segment that is not acknowledged; the rest of the array is what follows it.
    private(set) var first = 0
    private var outstanding: [Outstanding] = []
    private var head = 0
    private var flight = 0
    private var lost = 0
    private var sacked = 0
    private var highestSacked = -1
    private var hasSeenReordering = false
    private var recovery: Recovery?
    private var latest: (sentAt: Instant, roundTrip: Duration) = (.zero, .zero)
    private var minimum = Duration.seconds(1000)
    private var smoothed: Duration?
    private var variation = Duration.zero
    private var backoff = 0
    private var timeoutAt = Instant.never
    private var probeAt = Instant.never
    private var reorderAt = Instant.never
    private(set) var repetitions = 0

    var deadline: Instant { min(timeoutAt, min(probeAt, reorderAt)) }
    private var nextNew: Int { first + outstanding.count - head }

    private subscript(segment: Int) -> Outstanding {
        get { outstanding[head + segment - first] }
        set { outstanding[head + segment - first] = newValue }
    }

    /// What may go now, the lost first.
    mutating func send(at now: Instant) -> [Int] {
        var segments: [Int] = []
        while Double(flight) < window.segments.rounded(.down) {
            if lost > 0, let segment = (first..<nextNew).first(where: { self[$0].isLost }) {
                transmitAgain(segment, at: now)
                segments.append(segment)
            } else if nextNew - first < Self.receiveWindow {
                outstanding.append(Outstanding(sentAt: now))
                flight += 1
                segments.append(nextNew - 1)
            } else {
                break
            }
            recovery?.sent += 1
        }
        if !segments.isEmpty { setTimers(at: now) }
        return segments
    }

    private mutating func transmitAgain(_ segment: Int, at now: Instant) {
        if self[segment].isLost {
            self[segment].isLost = false
            lost -= 1
            flight += 1
        }
        self[segment].sentAt = now
        self[segment].isRepeated = true
        recovery?.repeated += 1
        repetitions += 1
    }

    mutating func receive(_ answer: SimulatedSegment.Acknowledgement, at now: Instant) {
        let sample = now - answer.echo
        let delivered = note(answer, at: now)
        guard delivered > 0 || answer.isOfDuplicate else { return }
        if delivered > 0 { measure(sample) }
        backoff = delivered > 0 ? 0 : backoff
        let wasUsedUp = Double(flight + delivered) >= window.segments.rounded(.down) - 1
        if answer.isOfDuplicate { noteSuperfluous() }
        findLosses(at: now)
        if recovery != nil {
            recover(delivered)
        } else if delivered > 0, wasUsedUp {
            window.acknowledged(
                delivered,
                sample: sample,
                minimum: minimum,
                smoothed: smoothed ?? sample,
                nextNew: nextNew,
                acknowledged: first,
                at: now
            )
        }
        setTimers(at: now)
    }

    /// How many segments the answer has shown to be there.
    private mutating func note(_ answer: SimulatedSegment.Acknowledgement, at now: Instant) -> Int {
        var delivered = 0
        let upTo = min(max(answer.next, first), nextNew)
        for segment in first..<upTo { delivered += take(segment, at: now) }
        head += upTo - first
        first = upTo
        if head > 4096 {
            outstanding.removeFirst(head)
            head = 0
        }
        for range in answer.beyond {
            for segment in range.clamped(to: first..<max(first, nextNew)) where !self[segment].isSacked {
                delivered += take(segment, at: now)
                self[segment].isSacked = true
                sacked += 1
            }
        }
        return delivered
    }

    /// One segment has arrived: 1, unless that was known.
    private mutating func take(_ segment: Int, at now: Instant) -> Int {
        let state = self[segment]
        guard !state.isSacked else {
            sacked -= 1
            return 0
        }
        if state.isLost {
            lost -= 1
            self[segment].isLost = false
        } else {
            flight -= 1
        }
        if segment < highestSacked, !state.isRepeated { hasSeenReordering = true }
        highestSacked = max(highestSacked, segment)
        let roundTrip = now - state.sentAt
        // RFC 8985 §6.2: of a repeated one the answer may be to its first.
        if !state.isRepeated || roundTrip >= minimum, state.sentAt >= latest.sentAt {
            latest = (state.sentAt, roundTrip)
        }
        return 1
    }

    private mutating func measure(_ sample: Duration) {
        minimum = min(minimum, sample)
        guard let old = smoothed else {
            smoothed = sample
            variation = sample / 2
            return
        }
        let difference = sample > old ? sample - old : old - sample
        variation += (difference - variation) / 4
        smoothed = old + (sample - old) / 8
    }

    private mutating func noteSuperfluous() {
        guard recovery != nil else { return }
        recovery?.repeated -= 1
        hasSeenReordering = true
        guard let recovery, recovery.repeated <= 0, !recovery.isAfterTimeout else { return }
        window.undo()
        self.recovery = nil
    }

    // MARK: Losses

    /// RFC 8985 §6.2: what was sent a round trip and a little before something that has arrived.
    private mutating func findLosses(at now: Instant) {
        reorderAt = .never
        guard sacked > 0 || recovery != nil else { return }
        var isNew = false
        let tolerance = reorderingWindow
        for segment in first..<nextNew where !self[segment].isSacked && !self[segment].isLost {
            let sentAt = self[segment].sentAt
            guard sentAt < latest.sentAt || (sentAt == latest.sentAt && segment < highestSacked) else { continue }
            let until = sentAt + latest.roundTrip + tolerance
            if until <= now {
                self[segment].isLost = true
                lost += 1
                flight -= 1
                isNew = true
            } else {
                reorderAt = min(reorderAt, until)
            }
        }
        guard isNew, recovery == nil else { return }
        recovery = Recovery(end: nextNew, flightAtStart: max(1, flight + lost))
        window.reduce()
    }

    /// RFC 8985 §6.2.1
    private var reorderingWindow: Duration {
        if !hasSeenReordering, recovery != nil || sacked >= 3 { return .zero }
        return min(minimum / 4, smoothed ?? minimum)
    }

    /// RFC 6937 §3
    private mutating func recover(_ delivered: Int) {
        guard var recovery else { return }
        guard first < recovery.end else {
            self.recovery = nil
            if !recovery.isAfterTimeout { window.endRecovery() }
            return
        }
        if recovery.isAfterTimeout {
            window.hold(at: min(window.segments + Double(delivered), max(window.threshold, 2)))
            return
        }
        recovery.delivered += delivered
        let target = window.threshold
        var count: Double
        if Double(flight) > target {
            count =
                (Double(recovery.delivered) * target / Double(recovery.flightAtStart)).rounded(.up)
                - Double(recovery.sent)
        } else {
            let limit = max(recovery.delivered - recovery.sent, delivered) + 1
            count = min(target - Double(flight), Double(limit))
        }
        count = max(count, recovery.sent == 0 ? 1 : 0)
        window.hold(at: Double(flight) + count)
        self.recovery = recovery
    }

    // MARK: Time

    private mutating func setTimers(at now: Instant) {
        guard nextNew > first else {
            (timeoutAt, probeAt) = (.never, .never)
            return
        }
        let smoothed = self.smoothed ?? .milliseconds(333)
        let timeout = max(Self.shortestTimeout, smoothed + max(variation * 4, Self.shortestTimeout / 4))
        timeoutAt = now + timeout * (1 << min(backoff, 6))
        probeAt = recovery == nil && sacked == 0 ? now + smoothed * 2 + .milliseconds(2) : .never
        if probeAt >= timeoutAt { probeAt = .never }
    }

    /// What is sent beyond the window: a tail loss probe.
    mutating func deadlineReached(at now: Instant) -> [Int] {
        if reorderAt <= now { findLosses(at: now) }
        if timeoutAt <= now {
            timedOut(at: now)
        } else if probeAt <= now {
            probeAt = .never
            guard nextNew > first else { return [] }
            self[nextNew - 1].sentAt = now
            self[nextNew - 1].isRepeated = true
            repetitions += 1
            return [nextNew - 1]
        }
        return []
    }

    private mutating func timedOut(at now: Instant) {
        for segment in first..<nextNew where !self[segment].isSacked && !self[segment].isLost {
            self[segment].isLost = true
            lost += 1
            flight -= 1
        }
        if recovery?.isAfterTimeout != true { window.timedOut() } else { window.hold(at: 1) }
        recovery = Recovery(end: nextNew, flightAtStart: 1, isAfterTimeout: true)
        backoff += 1
        setTimers(at: now)
    }
}
