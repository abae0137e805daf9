// SPDX-License-Identifier: Apache-2.0
package import Wire

/// How fast to send over a path, so that it is full and next to nothing waits on it: learnt from what the peer's reports
/// say of delay, delivery and loss.
///
/// * Nothing known: half as much again whenever the last increase was delivered, until a queue stands.
/// * Then the rate is steered so that a short queue stands: up in growing steps while there is none, down with the queue.
/// * A long queue that stood for the whole look back proves that the path was full all the time: what it delivered is what
///   it carries. So does loss that goes with less delivered than sent, where no queue can form.
/// * From time to time the path is given a moment to run dry, so that its base delay is seen.
///
/// No clock of its own, and no allocation per packet. The constants are those that bore up best when they were tried.
package struct PathRate: Sendable {
    package static let startingRate: UInt64 = 50_000_000
    /// While nothing is known: of what is delivered.
    private static let startingGrowth = 1.5
    /// Whatever happens, so that a path can show that it is better than it was.
    private static let least = 200e3
    private static let most = 1e12
    /// Between two decisions, and the packets that make one.
    private static let shortestStep = 0.015
    private static let packetsInStep = 6.0
    private static let packetBits = 12_000.0
    /// Of what may be sent: what counts as all of it, and as next to nothing.
    private static let busyShare = 0.85
    private static let calmShare = 0.2
    /// In which a queue that is surely one is worked off.
    private static let quickTime = 0.25
    private static let drainTime = 0.025
    private static let longDrainTime = 0.15
    private static let drainShare = 0.85

    private enum Phase { case starting, steering }

    private var phase: Phase
    private var delays = PathDelay()
    private var delivery = DeliveryRate()
    private var losses = PathLoss()
    private var trip = RoundTripTime()
    private var latestTrip = 0.1
    private var history = SendHistory()
    /// What the path is thought to carry, and what is sent: less while a queue is worked off.
    private var estimate: Double
    private var pace: Double
    /// The estimate is from before anything was sent.
    private var isSupposed = false
    private var believed: UInt64?
    private var bound: BelievedBound
    private var growth = RateGrowth()
    private var ceiling = LossCeiling()
    private var doubt: DoubtedCut?
    private var steppedAt: Double
    private var sentOctets = 0
    /// Whether a packet's delay has been told since the last decision.
    private var hasHeardDelay = false
    private var calmSince: Double?
    private var grownAt = -Double.infinity
    private var cutAt = -Double.infinity
    private var drainsUntil = -Double.infinity
    /// That no queue stands then is our own doing, and says nothing of how much the path carries: as long as the moment in
    /// which it was to run dry is looked back to, and its queue is coming back.
    private var refillsUntil = -Double.infinity

    /// `bound`: bits per second that somebody says the path carries.
    package init(bound: UInt64?, at now: Instant) {
        estimate = min(max(Double(bound ?? Self.startingRate), Self.least), Self.most)
        pace = estimate
        phase = bound == nil ? .starting : .steering
        believed = bound
        self.bound = BelievedBound(bound == nil ? nil : estimate)
        steppedAt = now.inSeconds
        calmSince = now.inSeconds
    }

    // MARK: What is known

    /// What to send, in bits per second of outer octets.
    package var rate: UInt64 { UInt64(pace) }

    /// From a departure here to the arrival, by two clocks: comparable with other paths of the session only. nil: nothing
    /// has arrived yet.
    package var baseDelay: Duration? { delays.base.map { Duration(inSeconds: $0) } }

    /// How much longer packets take now than the base delay.
    package var queueDelay: Duration { Duration(inSeconds: delays.latestQueue) }

    /// What of that is more than steering and jitter make of it.
    package var excessDelay: Duration {
        let usual = max(0.004, (delays.isJittery ? 6 : 2) * delays.jitter)
        return Duration(inSeconds: max(0, delays.latestQueue - usual))
    }

    /// How far the delay wanders of itself.
    package var jitter: Duration { Duration(inSeconds: delays.jitter) }

    /// Share of packets lost, of late.
    package var loss: Double { losses.share }

    package var roundTrip: Duration? { trip.smoothed.map { Duration(inSeconds: $0) } }

    /// The least of late.
    package var leastRoundTrip: Duration? { trip.least.map { Duration(inSeconds: $0) } }

    /// What a large packet takes.
    package var packetTime: Duration { Duration(inSeconds: Self.packetBits / estimate) }

    /// Whether it has turned out what the path carries: while it only grows nobody knows yet.
    package var isFound: Bool { phase == .steering || isSupposed }

    // MARK: What happens

    /// Somebody says something else of what the path carries.
    package mutating func believe(_ rate: UInt64?) {
        guard rate != believed else { return }
        believed = rate
        guard let rate else { return bound = BelievedBound(nil) }
        bound = BelievedBound(clamped(Double(rate)))
        estimate = min(estimate, clamped(Double(rate)))
    }

    /// So much seems to be carried, as packets have told that were sent for that. Where traffic has told something already,
    /// that is better known.
    package mutating func suppose(_ rate: Double) {
        guard phase == .starting, delivery.peak == 0 else { return }
        estimate = clamped(rate)
        pace = estimate
        isSupposed = true
        // What waited behind these packets has been their doing.
        delays = PathDelay()
    }

    /// Nothing was sent for a while, because the path was bad: perhaps it is not any more. It begins with so many bits per
    /// second, since it may still be.
    package mutating func retry(at rate: Double) {
        losses = PathLoss()
        estimate = clamped(min(estimate, rate))
        phase = .starting
        isSupposed = false
    }

    /// What is lost of what has left until now says nothing of how much or how well the path carries.
    package mutating func forgiveLosses(at now: Instant) {
        losses = PathLoss(since: now.inSeconds + 2 * tripTime + 0.1)
        phase = .starting
    }

    /// What was under way has come out, and nothing new has been sent meanwhile: what arrived of late is what the path
    /// carries, and a round trip takes as long as it does now.
    package mutating func drained(at now: Instant) {
        trip.forgetLeast(but: latestTrip)
        guard let carried = delivery.rate(over: 0.035, at: now.inSeconds), carried < 0.8 * estimate else { return }
        // What it began with has never been carried.
        if phase == .steering { growth.remember(estimate, cutTo: carried, at: now.inSeconds) }
        phase = .steering
        estimate = clamped(carried)
        delivery.setPeak(estimate, at: now.inSeconds)
        cutAt = now.inSeconds
    }

    /// So much went out.
    package mutating func sent(_ octets: Int, at now: Instant) { sentOctets &+= octets }

    /// A report came.
    package mutating func heard(_ feedback: PathFeedback) {
        let now = feedback.at.inSeconds
        if let sample = feedback.roundTrip?.inSeconds {
            trip.note(sample, at: now)
            latestTrip = max(0, sample)
        }
        if let delay = feedback.delay {
            hasHeardDelay = true
            let isOther = delays.note(delay.inSeconds, at: now, calmFor: calmSince.map { now - $0 })
            // A queue that always stands creeps into the base delay.
            if isOther, calmSince == nil, !delays.isJittery {
                drainsUntil = now + Self.drainTime
                refillsUntil = drainsUntil + lookBack + tripTime + Self.quickTime
            }
        }
        delivery.note(feedback.delivered, arrivedAt: feedback.deliveredAt.inSeconds, at: now)
        if losses.note(decided: feedback.decided, lost: feedback.lost, roundTrip: tripTime, at: now) {
            limitByLoss(at: now)
        }
        let elapsed = now - steppedAt
        guard elapsed >= max(Self.shortestStep, Self.packetsInStep * Self.packetBits / pace) else { return }
        step(elapsed, at: now)
    }

    private var tripTime: Double { trip.smoothed ?? 0.1 }

    /// A queue of this length is what we want: enough to be sure that the path is full. A packet that is
    /// just being sent is none.
    private var wantedQueue: Double {
        (delays.isJittery ? min(0.008, 2 * delays.jitter) : 0.0006) + min(Self.packetBits / estimate, 0.1) / 2
    }

    /// How much longer a queue may seem than it is.
    private var slack: Double { delays.isJittery ? 5 * delays.jitter : 0 }

    /// In which the queue comes to its length.
    private var timeConstant: Double { delays.isJittery ? 1 : Self.quickTime }

    /// What of the queue on a line whose delay wanders cannot be that: the long look back sees it late.
    private func excess(at now: Double) -> Double {
        guard delays.isJittery else { return 0 }
        return max(0, delays.queue(within: 0.25, at: now) - wantedQueue - 4 * delays.jitter)
    }

    /// For how long a queue has to stand to be one: shorter while the rate goes up by leaps.
    private var lookBack: Double {
        let isStarting = phase == .starting
        return delays.isJittery ? isStarting ? 0.2 : 0.6 : isStarting ? 0.03 : 0.07
    }

    private mutating func step(_ elapsed: Double, at now: Double) {
        let load = Double(sentOctets) * 8 / (pace * elapsed)
        history.note(sentOctets, at: now)
        sentOctets = 0
        steppedAt = now
        let isBusy = load > Self.busyShare
        calmSince = load < Self.calmShare ? calmSince ?? now : nil
        defer { hasHeardDelay = false }
        // Nothing tells of the path now. The queue that stood behind the last packets has long gone.
        guard hasHeardDelay || calmSince == nil else { return pace = estimate }
        let isJittery = delays.isJittery
        let queue = delays.queue(within: lookBack, at: now)
        let slow = carried(over: isJittery ? 0.4 : 0.15, at: now)
        let quick = carried(over: 0.035, at: now)
        if let slow { delivery.notePeak(slow, at: now) }
        reconsider(quick, at: now)
        var share = 1.0
        switch phase {
        case .starting: share = start(queue, isBusy: isBusy, slow: slow, quick: quick, at: now)
        case .steering: steer(queue, elapsed, isBusy: isBusy, slow: slow, quick: quick, at: now)
        }
        let error =
            (wantedQueue - queue) / (queue > wantedQueue && isJittery ? timeConstant / 2 : timeConstant)
            - excess(at: now) / Self.quickTime
        pace = estimate * share * (1 + max(-0.6, min(error, isBusy && share == 1 ? 0.02 : 0)))
        if now < drainsUntil { pace *= Self.drainShare }
        pace = min(max(pace, Self.least), Self.most)
    }

    // MARK: Starting

    /// Returns how much of the estimate to send.
    private mutating func start(_ queue: Double, isBusy: Bool, slow: Double?, quick: Double?, at now: Double) -> Double
    {
        let isJittery = delays.isJittery
        // What stands while little is sent is not ours.
        let isUsed =
            isBusy || (quick ?? 0) > estimate / 4 || quick.map { explains(queue, behind: $0, at: now) } ?? false
        if queue > wantedQueue + 0.006 + slack, isUsed {
            phase = .steering
            settle(at: (isJittery ? slow : nil) ?? quick ?? estimate, queue, whileStarting: true, at: now)
            return 0.9
        }
        guard queue < wantedQueue + 0.004 + slack / 2, let quick else { return 1 }
        estimate = clamped(max(estimate, min(Self.startingGrowth * quick, ceiling.limit(at: now))))
        return 1
    }

    /// Of what was sent, where what is lost has nothing to do with how much that is.
    private func carried(over time: Double, at now: Double) -> Double? {
        let share = ceiling.isIndifferent(at: now) ? 1 - min(losses.share, 0.5) : 1
        return delivery.rate(over: time, at: now).map { $0 / share }
    }

    /// From an increase until it can be seen.
    private var growthTime: Double { 0.6 * tripTime + 0.02 }

    private mutating func grow(by factor: Double, upTo limit: Double, at now: Double) {
        estimate = clamped(max(estimate, min(estimate * factor, limit)))
        grownAt = now
    }

    private func clamped(_ rate: Double) -> Double { min(max(rate, Self.least), Self.most) }

    // MARK: Steering

    private mutating func steer(
        _ queue: Double,
        _ elapsed: Double,
        isBusy: Bool,
        slow: Double?,
        quick: Double?,
        at now: Double
    ) {
        let error = wantedQueue - queue
        let time = min(elapsed, 0.2)
        let excess = excess(at: now)
        estimate = clamped(estimate * (1 - min(0.5, 4 * excess * time)))
        if error < 0 {
            growth.reset(isJittery: delays.isJittery, at: now)
            bound.held()
            cut(queue, isBusy: isBusy, slow: slow, quick: quick, at: now)
            let drop = max(error, -3 * wantedQueue) / (4 * timeConstant) * (time / timeConstant)
            estimate = clamped(estimate * (1 + drop))
        } else if isBusy, excess == 0, now > refillsUntil {
            let isEmpty = queue < (delays.isJittery ? wantedQueue : wantedQueue / 2)
            let step = growth.step(isEmpty: isEmpty, tripTime, isJittery: delays.isJittery, estimate, at: now)
            bound.lift(isEmpty: isEmpty, estimate, at: now)
            let limit = min(bound.limit, ceiling.limit(at: now))
            if growth.mayLeap(estimate), let quick, estimate < 1.8 * quick {
                if now - grownAt >= growthTime { grow(by: 1.5, upTo: min(limit, growth.remembered), at: now) }
            } else if estimate < (delays.isJittery ? 1.07 : 1.15) * delivery.peak {
                let more = step * time / 0.2 + error / (4 * timeConstant) * (time / timeConstant)
                estimate = clamped(max(estimate, min(estimate * (1 + more), limit)))
            }
        }
    }

    /// A queue that long, all the while: the path was full, and what it delivered is what it carries.
    private mutating func cut(_ queue: Double, isBusy: Bool, slow: Double?, quick: Double?, at now: Double) {
        let isJittery = delays.isJittery
        guard queue > wantedQueue + (isJittery ? 6 * delays.jitter : 0.005),
            now - cutAt > tripTime + (isJittery ? 0.3 : 0.08)
        else { return }
        guard let carried = isJittery ? slow : quick, carried > 0.05 * estimate, carried < 0.97 * estimate
        else { return }
        // Without that a path that is given little would be cut to the little, each time that its delay wanders.
        let isUsed = isBusy || min(slow ?? 0, quick ?? 0) > 0.5 * estimate
        guard isUsed || explains(queue, behind: carried, at: now) else { return }
        growth.remember(estimate, cutTo: carried, at: now)
        settle(at: carried, queue, whileStarting: false, at: now)
    }

    /// Whether the queue is our own doing if the path carries so much.
    private func explains(_ queue: Double, behind carried: Double, at now: Double) -> Bool {
        history.wait(at: now - latestTrip, behind: carried) > queue / 2
    }

    /// This is what the path carries, since a queue stands on it.
    private mutating func settle(at carried: Double, _ queue: Double, whileStarting: Bool, at now: Double) {
        if !delays.isJittery {
            doubt = DoubtedCut(
                from: estimate,
                to: carried,
                queue: queue,
                of: now - latestTrip,
                whileStarting: whileStarting,
                at: now
            )
        }
        estimate = clamped(carried)
        isSupposed = false
        delivery.setPeak(estimate, at: now)
        cutAt = now
    }

    /// More is delivered than a cut has left: either too little was measured, or what seemed to be a queue was the path's own
    /// wandering, which nobody had seen before.
    private mutating func reconsider(_ quick: Double?, at now: Double) {
        guard let doubt, let quick, !delays.isJittery, doubt.isContradicted(by: quick, max(estimate, pace), at: now)
        else { return }
        delivery.setPeak(quick, at: now)
        guard history.wait(at: doubt.departure, behind: quick) < doubt.queue / 2 else {
            estimate = clamped(quick)
            return
        }
        self.doubt = nil
        delays.learnUnderLoad(at: now)
        guard delays.isJittery else { return }
        estimate = clamped(max(estimate, min(doubt.from, 1.5 * quick)))
        if doubt.whileStarting { phase = .starting }
    }

    // MARK: Loss

    private mutating func limitByLoss(at now: Double) {
        if let rate = ceiling.restored(losses, at: now) { estimate = clamped(rate) }
        guard let carried = delivery.rate(over: 0.15, at: now),
            ceiling.applies(losses, estimate, carried: carried, roundTrip: tripTime, at: now)
        else { return }
        if phase == .starting { phase = .steering }
        estimate = clamped(carried)
        delivery.setPeak(estimate, at: now)
        growth.reset(isJittery: false, at: now)
        cutAt = now
        // Perhaps a queue has always been there, and was taken for a part of the way.
        drainsUntil = now + Self.longDrainTime
    }
}

extension Instant {
    var inSeconds: Double { Double(nanoseconds) * 1e-9 }
}

extension Duration {
    /// Whatever it is: beyond what fits, what fits.
    init(inSeconds seconds: Double) { self = .nanoseconds(Int64(max(-9e18, min(seconds * 1e9, 9e18)))) }

    var inSeconds: Double { Double(wholeNanoseconds) * 1e-9 }
}
