// SPDX-License-Identifier: Apache-2.0
package import Wire

/// One direction of an access line in virtual time: a queue that drops what does not fit, a rate, a delay that may wander
/// without reordering, random loss, outages; all by a script. The lab's emulator does the same to real packets.
package struct SimulatedLink: Sendable {
    package struct Conditions: Sendable {
        /// Bits per second of IP packets.
        package var rate: Double
        package var delay: Duration
        /// How far the delay wanders, up and down, in the course of some tenths of a second.
        package var jitter: Duration
        /// Share of packets lost, 0 to 1.
        package var loss: Double
        /// What the queue holds at the rate.
        package var queue: Duration
        /// Everything is lost.
        package var isDown: Bool

        package init(
            megabits: Double,
            delay: Duration,
            jitter: Duration = .zero,
            loss: Double = 0,
            queue: Duration = .milliseconds(50),
            isDown: Bool = false
        ) {
            rate = megabits * 1e6
            self.delay = delay
            self.jitter = jitter
            self.loss = loss
            self.queue = queue
            self.isDown = isDown
        }
    }

    package private(set) var conditions: Conditions
    private var script: [(at: Instant, Conditions)]
    private var random: SeededGenerator
    /// When the packets in the queue will have left.
    private var idleAt = Instant.zero
    private var lastArrival = Instant.zero
    /// The wandering delay passes through a new random point every so often, as the lab's does.
    private static let wanderTime = Duration.milliseconds(100)
    private var wander: (from: Double, to: Double, since: Instant) = (0, 0, .zero)

    package private(set) var sentOctets = 0
    package private(set) var droppedPackets = 0

    /// The script has the conditions from each of its moments on, in order of time.
    package init(_ conditions: Conditions, script: [(at: Instant, Conditions)] = [], seed: UInt64) {
        self.conditions = conditions
        self.script = script
        random = SeededGenerator(seed: seed)
    }

    /// When the packet arrives at the other end; nil if it is lost.
    package mutating func send(_ octets: Int, at now: Instant) -> Instant? {
        follow(to: now)
        let start = max(idleAt, now)
        let bits = Double(octets) * 8
        let isFull = backlog(at: now) + bits > conditions.rate * Self.seconds(conditions.queue)
        let isLost = conditions.loss > 0 && Double.random(in: 0..<1, using: &random) < conditions.loss
        // An idle line takes a packet however short its queue.
        guard !conditions.isDown, start == now || !isFull else {
            droppedPackets += 1
            return nil
        }
        idleAt = departure(of: bits, from: start)
        guard !isLost else {
            droppedPackets += 1
            return nil
        }
        sentOctets += octets
        lastArrival = max(lastArrival, idleAt + conditions.delay + wandering(at: idleAt))
        return lastArrival
    }

    private mutating func follow(to now: Instant) {
        while let next = script.first, next.at <= now {
            conditions = next.1
            script.removeFirst()
        }
    }

    /// When the last of so many bits has left if the first one leaves at the moment: the rate may change meanwhile.
    private func departure(of bits: Double, from start: Instant) -> Instant {
        var (left, since, rate) = (bits, start, conditions.rate)
        for next in script {
            let carried = rate * Self.seconds(max(.zero, next.at - since))
            if carried >= left { break }
            (left, since, rate) = (left - carried, max(since, next.at), next.1.rate)
        }
        return since + .nanoseconds(Int64(left * 1e9 / rate))
    }

    /// Bits that wait.
    private func backlog(at now: Instant) -> Double {
        var (bits, since, rate) = (0.0, now, conditions.rate)
        for next in script where next.at < idleAt {
            (bits, since, rate) = (bits + rate * Self.seconds(next.at - since), next.at, next.1.rate)
        }
        return bits + rate * Self.seconds(max(.zero, idleAt - since))
    }

    private static func seconds(_ duration: Duration) -> Double { Double(duration.wholeNanoseconds) / 1e9 }

    private mutating func wandering(at now: Instant) -> Duration {
        guard conditions.jitter > .zero else { return .zero }
        while now - wander.since >= Self.wanderTime {
            wander = (wander.to, Double.random(in: -1...1, using: &random), wander.since + Self.wanderTime)
        }
        let share = Double((now - wander.since).wholeNanoseconds) / Double(Self.wanderTime.wholeNanoseconds)
        let value = wander.from + (wander.to - wander.from) * share
        return .nanoseconds(Int64(value * Double(conditions.jitter.wholeNanoseconds)))
    }
}
