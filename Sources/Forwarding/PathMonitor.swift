// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Whether a path carries packets in both directions, learnt from probes sent in its own tunnel.
///
/// Each end promises in every probe when the next one follows, and says whether it hears the other (H). An end that
/// hears nothing for three and a half promises takes the path out and says so at once, so that the other end, whose
/// packets are the ones that get lost, takes it out too. No deadline is longer than a second.
package struct PathMonitor: Sendable {
    /// Between probes while the session carries nothing.
    package static let idleInterval = Duration.milliseconds(250)
    /// Between probes while the session carries user packets.
    package static let busyInterval = Duration.milliseconds(50)
    /// On top of the promises: delay variation that is nobody's silence.
    package static let grace = Duration.milliseconds(60)
    /// A path that was never proven by then is silent: three and a half idle promises and the grace.
    package static let proofTime = Duration.milliseconds(935)
    /// User packets prove a path only as long as authenticated probes come, too.
    package static let proofByProbe = Duration.seconds(2)
    /// Probes in a row with H that bring a silent path back.
    package static let proofsToReturn = 3
    /// After a send error on a path without probes: how long it is left alone.
    package static let retryTime = Duration.seconds(1)
    /// Bounds, in milliseconds, of a promise that is believed.
    package static let believedPromise: ClosedRange<UInt16> = 20...10_000

    package enum Verdict { case accepted, rejected }

    package let probeKey: SipKey?
    private let isAnchor: Bool
    private let bindingIdentifier: UInt8
    private let clockAhead: Duration
    /// Unproven after this is silent.
    private let provenBy: Instant
    package private(set) var condition: PathCondition
    /// Of the last silence.
    package private(set) var silenceReason: SilenceReason?

    package private(set) var nextProbe: Instant
    private var lastSentAt: UInt64 = 0

    /// Whether the incoming direction carries packets: our H.
    package private(set) var isAudible = false
    package private(set) var lastHeard: Instant?
    package private(set) var lastProbe: Instant?
    private var promised = idleInterval
    /// How long after the last sign of life the path is silent. In nanoseconds: it is added for every user packet.
    private var patience = PathMonitor.patience(with: PathMonitor.idleInterval)
    package private(set) var newestHeard: UInt64 = 0
    /// A send time that has run ahead of ours, and when it came: the next one has to confirm it, or all that are right would
    /// seem to be old.
    private var leap: (stamp: UInt64, at: Instant)?
    private static let longestLeap: UInt64 = 1_000_000_000
    private var newestEcho: UInt64 = 0
    private var proofs = 0
    private var retryAt: Instant?

    /// Whether the peer takes and sends reports in the place of probes.
    package var knowsReports: Bool
    private var punctuality = Punctuality()
    /// Since when it has been heard without a pause longer than promised.
    private var steadySince = Instant.never
    /// By the peer's clock: until then it heard nothing. What says otherwise and is older was overtaken by that news.
    private var unheardUntil: UInt64 = 0

    package private(set) var latestRoundTripTime: Duration?
    package private(set) var smoothedRoundTripTime: Duration?

    package init(role: Role, parameters: PathParameters, at now: Instant) {
        probeKey = parameters.probeKey
        isAnchor = role == .anchor
        bindingIdentifier = parameters.bindingIdentifier
        clockAhead = parameters.probeClockAhead
        knowsReports = parameters.hasReports && parameters.probeKey != nil
        provenBy = now + Self.proofTime
        condition = parameters.probeKey == nil ? .alive : .unproven
        nextProbe = parameters.probeKey == nil ? .never : now
    }

    package var nextDeadline: Instant {
        guard probeKey != nil else { return retryAt ?? .never }
        var deadline = nextProbe
        if isAudible, let lastHeard { deadline = min(deadline, silence(after: lastHeard)) }
        if condition == .unproven { deadline = min(deadline, provenBy) }
        return deadline
    }

    private func silence(after heard: Instant) -> Instant { Instant(nanoseconds: heard.nanoseconds &+ patience) }

    private static func patience(with promise: Duration) -> Int64 { (promise * 7 / 2 + grace).wholeNanoseconds }

    // MARK: Time

    /// Notices silence. Whether a probe is due is asked afterwards.
    package mutating func advance(to now: Instant) {
        guard probeKey != nil else {
            if let retryAt, now >= retryAt {
                self.retryAt = nil
                condition = .alive
            }
            return
        }
        if isAudible, let lastHeard, now >= silence(after: lastHeard) {
            isAudible = false
            proofs = 0
            // Tell the peer at once: it is its packets that get lost.
            nextProbe = min(nextProbe, now)
            if condition == .alive { fallSilent(.nothingHeard(for: now - lastHeard)) }
        }
        if condition == .unproven, now >= provenBy { fallSilent(.neverProven) }
    }

    private mutating func fallSilent(_ reason: SilenceReason) {
        condition = .silent
        silenceReason = reason
    }

    package func isProbeDue(at now: Instant) -> Bool { now >= nextProbe }

    /// User packets began to flow: tell the peer at once that the faster promise holds.
    package mutating func hasten(at now: Instant) {
        if probeKey != nil { nextProbe = min(nextProbe, now) }
    }

    // MARK: Probes

    /// The probe to send now. `isBusy`: user packets were carried lately.
    package mutating func makeProbe(at now: Instant, isBusy: Bool) -> PathProbe {
        let promise = isBusy ? Self.busyInterval : Self.idleInterval
        // A peer that probes fast gets fast answers, but no fast promise: two ends that did the latter because of
        // each other would never calm down.
        let isPeerBusy = isAudible && promised <= Self.busyInterval
        nextProbe = now + (isPeerBusy ? Self.busyInterval : promise)
        let sentAt = stamp(at: now)
        let held = lastProbe.map { (now - $0).wholeNanoseconds / 1000 } ?? 0
        return PathProbe(
            hearsPeer: isAudible,
            isFromAnchor: isAnchor,
            interval: UInt16(clamping: promise.wholeNanoseconds / 1_000_000),
            bindingIdentifier: bindingIdentifier,
            sentAt: sentAt,
            echo: newestHeard,
            heldFor: UInt32(clamping: held)
        )
    }

    /// The send time of what goes out now.
    package mutating func stamp(at now: Instant) -> UInt64 {
        lastSentAt = max(lastSentAt &+ 1, UInt64(clamping: (now + clockAhead).nanoseconds))
        return lastSentAt
    }

    /// A probe with a right tag came.
    package mutating func heard(_ probe: PathProbe, at now: Instant) -> Verdict {
        // One of our own come back, one of another path, or one seen before proves nothing.
        guard probe.isFromAnchor != isAnchor, probe.bindingIdentifier == bindingIdentifier,
            probe.sentAt > newestHeard, isCredible(probe.sentAt, at: now)
        else { return .rejected }
        punctuality.heard(probe.sentAt, after: newestHeard, promised: promised, at: now)
        newestHeard = probe.sentAt
        noteHeard(at: now)
        lastProbe = now
        let bounds = Self.believedPromise
        promised = .milliseconds(Int(min(max(probe.interval, bounds.lowerBound), bounds.upperBound)))
        patience = Self.patience(with: promised)
        measure(probe, at: now)
        if !isAudible {
            isAudible = true
            nextProbe = min(nextProbe, now)
        }
        if probe.sentAt > unheardUntil { judge(peerHears: probe.hearsPeer) }
        return .accepted
    }

    private mutating func isCredible(_ stamp: UInt64, at now: Instant) -> Bool {
        guard let lastProbe, Self.leaps(from: newestHeard, since: lastProbe, to: stamp, at: now) else {
            leap = nil
            return true
        }
        let isConfirmed =
            leap.map { stamp > $0.stamp && !Self.leaps(from: $0.stamp, since: $0.at, to: stamp, at: now) } ?? false
        leap = isConfirmed ? nil : (stamp, now)
        return isConfirmed
    }

    private static func leaps(from old: UInt64, since then: Instant, to stamp: UInt64, at now: Instant) -> Bool {
        stamp &- old > UInt64(clamping: (now - then).wholeNanoseconds) &+ longestLeap
    }

    private mutating func noteHeard(at now: Instant) {
        if !isPunctual(at: now) { steadySince = now }
        lastHeard = now
    }

    private mutating func judge(peerHears: Bool) {
        guard peerHears else {
            proofs = 0
            if condition == .alive { fallSilent(.peerHearsNothing) }
            return
        }
        switch condition {
        case .alive: break
        case .unproven: condition = .alive
        case .silent:
            proofs += 1
            guard proofs >= Self.proofsToReturn else { return }
            proofs = 0
            condition = .alive
        }
    }

    private mutating func measure(_ probe: PathProbe, at now: Instant) {
        // Each of our probes is measured once; an echo from the future is none of ours.
        guard probe.echo > newestEcho, probe.echo <= lastSentAt else { return }
        newestEcho = probe.echo
        let total = now + clockAhead - Instant(nanoseconds: Int64(clamping: probe.echo))
        let trip = total - .microseconds(Int64(probe.heldFor))
        guard trip >= .zero else { return }
        latestRoundTripTime = trip
        smoothedRoundTripTime = smoothedRoundTripTime.map { ($0 * 7 + trip) / 8 } ?? trip
    }

    // MARK: Reports

    /// The session reports, and knows when.
    package mutating func leaveToReports() { nextProbe = .never }

    /// Whether something of ours may have been stamped so.
    package func hasSent(_ stamp: UInt64) -> Bool { stamp <= lastSentAt }

    /// The peer says over another path that it hears nothing over this one; when, by its clock.
    package mutating func isUnheard(at stamp: UInt64) {
        unheardUntil = max(unheardUntil, stamp)
        proofs = 0
        if condition == .alive { judge(peerHears: false) }
    }

    /// How much the time between departure and arrival varies.
    package var variation: Duration { punctuality.variation }

    /// How long a path is silent, while another one is not, that has stopped.
    package var quickPatience: Duration { punctuality.patience(with: promised) }

    /// Whether it was heard when it had promised to be.
    package func isPunctual(at now: Instant) -> Bool {
        guard isAudible, let lastHeard else { return false }
        return now - lastHeard < promised + Punctuality.slack
    }

    /// Whether it has been heard like that for so long that what is silent beside it has stopped. One that has just come
    /// back proves nothing: the other may follow, after a pause of all or of this machine.
    package func isWitness(at now: Instant) -> Bool {
        isPunctual(at: now) && now - steadySince > promised + Punctuality.slack
    }

    /// Whether it is silent for too long while another one is heard; seen twice, so that what waits to be read has been
    /// read.
    package mutating func isOverdue(beside isAnotherHeard: Bool, at now: Instant) -> Bool {
        guard isAnotherHeard, isAudible, condition == .alive, let lastHeard, now - lastHeard > quickPatience else {
            punctuality.overdueSince = nil
            return false
        }
        guard let since = punctuality.overdueSince else {
            punctuality.overdueSince = now
            return false
        }
        return now - since >= Punctuality.slack
    }

    /// Whether it has been seen to be overdue once.
    package var isDoubtful: Bool { punctuality.overdueSince != nil }

    /// It has stopped, since others have not.
    package mutating func stop(at now: Instant) {
        guard isAudible, let lastHeard else { return }
        isAudible = false
        proofs = 0
        punctuality.overdueSince = nil
        nextProbe = min(nextProbe, now)
        if condition == .alive { fallSilent(.nothingHeard(for: now - lastHeard)) }
    }

    // MARK: Other evidence

    /// A user packet came through the path.
    package mutating func heardUserPacket(at now: Instant) {
        guard let lastProbe, now - lastProbe < Self.proofByProbe else {
            if probeKey == nil { lastHeard = now }
            return
        }
        noteHeard(at: now)
    }

    /// The system refused to send.
    package mutating func failed(at now: Instant) {
        proofs = 0
        fallSilent(.sendingFailed)
        if probeKey == nil { retryAt = now + Self.retryTime }
        // What the peer sends there will not come either, as far as we know: it hears of that over other paths.
        isAudible = false
        if knowsReports { nextProbe = min(nextProbe, now) }
    }
}
