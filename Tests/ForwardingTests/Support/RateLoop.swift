// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Testbed
import Wire

/// A rate controller in a closed loop: packets at its rate over one simulated link, and the reports of what arrived, in
/// virtual time.
struct RateLoop {
    private static let octets = 1500
    private static let controlOctets = 120
    /// The two ends' clocks do not agree.
    private static let clockOffset = Duration.seconds(-77)

    private struct Flight {
        var number: Int?
        var sentAt: Instant
        var arrivesAt: Instant
    }

    private(set) var rate: PathRate
    private(set) var now = Instant.milliseconds(1000)
    private var link: SimulatedLink
    private let back: Duration
    /// What the application has to send, in bits per second.
    var offered = 0.0

    private var free = Instant.zero
    private var credit = 0.0
    private var nextControl = Instant.zero
    private var flights: [Flight] = []
    private var reports: [(at: Instant, feedback: PathFeedback)] = []
    private var nextReport = Instant.zero
    private var number = 0
    private var highest = -1
    private var arrived = 0
    private var decidedBefore = 0
    private var arrivedBefore = 0
    private var lastArrival: Instant?
    private var newest: Flight?
    private var deliveredOctets: UInt64 = 0
    private var deliveredAt = Instant.zero

    private(set) var sentPackets = 0
    private(set) var arrivals: [(at: Instant, delay: Duration)] = []

    init(_ link: SimulatedLink, back: Duration = .milliseconds(10), bound: UInt64? = nil) {
        self.link = link
        self.back = back
        rate = PathRate(bound: bound, at: .milliseconds(1000))
    }

    /// A path has proved itself before anything goes over it; then all that goes does.
    mutating func begin() {
        run(500)
        offered = .infinity
    }

    /// In steps of a quarter of a millisecond.
    mutating func run(_ milliseconds: Int64) {
        let end = now + .milliseconds(milliseconds)
        while now < end {
            now = now + .microseconds(250)
            send()
            arrive()
            report()
            while let first = reports.first, first.at <= now {
                var feedback = reports.removeFirst().feedback
                feedback.at = now
                rate.heard(feedback)
            }
        }
    }

    private mutating func send() {
        credit = min(credit + offered * 250e-6, 120_000)
        if now >= nextControl {
            launch(nil, octets: Self.controlOctets)
            nextControl = now + (isActive ? .milliseconds(20) : .milliseconds(100))
        }
        while free <= now, credit >= Double(Self.octets * 8) {
            credit -= Double(Self.octets * 8)
            let cost = Int64(Double(Self.octets) * 8e9 / Double(rate.rate))
            free = max(free, now - .milliseconds(2)) + .nanoseconds(cost)
            launch(number, octets: Self.octets)
            rate.sent(Self.octets, at: now)
            number += 1
            sentPackets += 1
        }
    }

    private var isActive: Bool { lastArrival.map { now - $0 < .milliseconds(500) } ?? false }

    private mutating func launch(_ number: Int?, octets: Int) {
        guard let arrival = link.send(octets, at: now) else { return }
        flights.append(Flight(number: number, sentAt: now, arrivesAt: arrival))
    }

    private mutating func arrive() {
        var count = 0
        for flight in flights {
            guard flight.arrivesAt <= now else { break }
            count += 1
            newest = flight
            guard let number = flight.number else { continue }
            highest = max(highest, number)
            arrived += 1
            deliveredOctets += UInt64(Self.octets)
            deliveredAt = flight.arrivesAt
            lastArrival = now
            arrivals.append((flight.arrivesAt, flight.arrivesAt - flight.sentAt))
        }
        flights.removeFirst(count)
    }

    private mutating func report() {
        guard now >= nextReport else { return }
        nextReport = now + (isActive ? .milliseconds(20) : .milliseconds(100))
        let decided = highest + 1 - decidedBefore
        let feedback = PathFeedback(
            at: now,
            delay: newest.map { $0.arrivesAt - $0.sentAt + Self.clockOffset },
            roundTrip: newest.map { $0.arrivesAt - $0.sentAt + back },
            delivered: deliveredOctets,
            deliveredAt: deliveredAt - Instant.zero + Self.clockOffset,
            decided: decided,
            lost: decided - (arrived - arrivedBefore)
        )
        decidedBefore = highest + 1
        arrivedBefore = arrived
        newest = nil
        reports.append((now + back, feedback))
    }

    // MARK: What came of it

    /// Mbit/s of outer octets that arrived between two moments, in milliseconds from half a second after the begin.
    func carried(from start: Int64, to end: Int64) -> Double {
        let times = Instant.milliseconds(1500 + start)..<Instant.milliseconds(1500 + end)
        return Double(arrivals.count { times.contains($0.at) } * Self.octets * 8) / Double(end - start) / 1000
    }

    /// The delay that so many of a hundred packets stay below, in milliseconds.
    func delay(_ percentile: Int, from start: Int64, to end: Int64) -> Double {
        let times = Instant.milliseconds(1500 + start)..<Instant.milliseconds(1500 + end)
        let delays = arrivals.filter { times.contains($0.at) }.map(\.delay).sorted()
        guard !delays.isEmpty else { return 0 }
        return Double(delays[min(delays.count - 1, delays.count * percentile / 100)].wholeNanoseconds) / 1e6
    }

    var lost: Int { number - arrived - flights.count { $0.number != nil } }
}
