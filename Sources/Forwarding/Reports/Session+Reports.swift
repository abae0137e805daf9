// SPDX-License-Identifier: Apache-2.0
import Wire

/// Reports to the peer: what has arrived, and how far our own numbers are.
extension Session {
    /// Reports take the place of probes where the peer knows them and one has room for all paths.
    mutating func chooseReports(at now: Instant, into burst: inout Burst) {
        let isPossible =
            !paths.isEmpty && paths.count <= PathReport.mostPaths && paths.allSatisfy { $0.monitor.knowsReports }
        guard isPossible != exchange.isActive else { return }
        exchange.isActive = isPossible
        exchange.nextReport = isPossible ? now : .never
        reorder.follow(reports: isPossible, into: &burst)
        if !isPossible { forgetRates(at: now) }
        for index in paths.indices { paths[index].monitor.hasten(at: now) }
    }

    mutating func sendReportsIfDue(at now: Instant, into burst: inout Burst, arena: inout PacketArena) {
        guard exchange.isActive else { return }
        for index in paths.indices where paths[index].monitor.isProbeDue(at: now) {
            paths[index].monitor.leaveToReports()
            exchange.hasten(at: now)
        }
        guard now >= exchange.nextReport else { return }
        let interval = reportInterval(at: now)
        var report = report(at: now, interval: interval)
        for index in paths.indices { send(&report, over: index, at: now, into: &burst, arena: &arena) }
        exchange.lastReport = now
        exchange.nextReport = now + interval
    }

    private func reportInterval(at now: Instant) -> Duration {
        if isBusy(at: now) { return ReportExchange.busyInterval }
        return hasCarried(within: ReportExchange.calmTime, at: now)
            ? ReportExchange.calmInterval : ReportExchange.idleInterval
    }

    private mutating func report(at now: Instant, interval: Duration) -> PathReport {
        let (runs, isCut) = reorder.runs(atMost: PathReport.mostRuns)
        return PathReport(
            hearsPeer: false,
            isFromAnchor: role == .anchor,
            interval: UInt16(clamping: interval.wholeNanoseconds / 1_000_000),
            bindingIdentifier: 0,
            sentAt: 0,
            madeAt: exchange.stamp(UInt64(clamping: (now + clockAhead).nanoseconds)),
            nextNumber: sendSequence,
            expectedNumber: reorder.expected,
            receptions: paths.map { $0.exchange.reception(of: $0, at: now) },
            runs: runs,
            isCut: isCut
        )
    }

    /// All paths are stamped by one clock.
    var clockAhead: Duration { paths.first?.parameters.probeClockAhead ?? .zero }

    /// Makes it this path's copy, and sends it.
    private mutating func send(
        _ report: inout PathReport,
        over index: Int,
        at now: Instant,
        into burst: inout Burst,
        arena: inout PacketArena
    ) {
        guard let key = paths[index].monitor.probeKey else { return }
        report.bindingIdentifier = paths[index].parameters.bindingIdentifier
        report.hearsPeer = paths[index].monitor.isAudible
        report.sentAt = paths[index].monitor.stamp(at: paths[index].exchange.departure(at: now))
        if sendControl(report.octets(key: key), over: index, at: now, into: &burst, arena: &arena) {
            paths[index].exchange.tells(sendSequence, at: now)
        }
    }

    /// A path on which nothing went for a while says how far the numbers are: else the peer could not know whether
    /// those that are missing are still on their way there.
    mutating func sendMarkers(at now: Instant, into burst: inout Burst, arena: inout PacketArena) {
        for index in paths.indices where paths[index].monitor.condition != .silent {
            guard let told = paths[index].exchange.told, told.number != sendSequence,
                now - told.at >= ReportExchange.markerTime
            else { continue }
            var marker = PathReport(
                hearsPeer: false,
                isFromAnchor: role == .anchor,
                interval: UInt16(clamping: ReportExchange.busyInterval.wholeNanoseconds / 1_000_000),
                bindingIdentifier: 0,
                sentAt: 0,
                madeAt: exchange.madeAt,
                nextNumber: sendSequence,
                expectedNumber: reorder.expected
            )
            send(&marker, over: index, at: now, into: &burst, arena: &arena)
        }
    }

    // MARK: What the peer reports

    /// A report with a right tag came over the path, which it has proven.
    mutating func heard(
        _ report: PathReport,
        over index: Int,
        arrivedAt: Instant,
        at now: Instant,
        into burst: inout Burst,
        arena: inout PacketArena
    ) {
        if !paths[index].monitor.knowsReports {
            paths[index].monitor.knowsReports = true
            chooseReports(at: now, into: &burst)
        }
        noteNextNumber(report.nextNumber, over: index, at: now, into: &burst, arena: &arena)
        releaseProven(at: now, into: &burst)
        guard exchange.isNews(report) else { return }
        for reception in report.receptions {
            guard
                let index = paths.firstIndex(where: { $0.parameters.bindingIdentifier == reception.bindingIdentifier })
            else { continue }
            // Told over whichever path was quickest: what goes over this one gets lost.
            if !reception.hearsPeer { watch(index, at: now, into: &burst) { $0.isUnheard(at: report.madeAt) } }
            feed(index, reception, of: report, arrivedAt: arrivedAt, at: now)
        }
        settle(report, arena: &arena)
        learn(at: now)
        setRepairTime()
        suspect(at: now)
        sendRepairs(at: now, into: &burst, arena: &arena)
    }

    /// All numbers below that went over the path have arrived or will never.
    private mutating func noteNextNumber(
        _ next: UInt32,
        over index: Int,
        at now: Instant,
        into burst: inout Burst,
        arena: inout PacketArena
    ) {
        guard paths[index].parameters.encapsulation.hasGRE else { return }
        if !reorder.hasBegun { reorder.expect(next, into: &burst) }
        reorder.announced = (next, now)
        let step = paths[index].newestSequence.map { ReorderBuffer.distance(from: $0, to: next &- 1) } ?? 1
        guard step < 0 else {
            paths[index].newestSequence = next &- 1
            return paths[index].exchange.isConfirmed()
        }
        guard paths[index].exchange.isContradicted() else { return }
        paths[index].newestSequence = next &- 1
        paths[index].exchange.forgetNumbers()
        // Whatever is expected or waits, somebody must have sent it: else the number was forged, or the peer begins anew.
        let ends = paths.compactMap { $0.newestSequence }.map { ReorderBuffer.distance(from: reorder.expected, to: $0) }
        guard let furthest = ends.max() else { return }
        let newest = reorder.expected &+ UInt32(truncatingIfNeeded: furthest)
        reorder.forget(beyond: newest, arena: &arena)
        if furthest < -1 { reorder.takeUp(at: newest &+ 1, into: &burst) }
    }

    private mutating func feed(
        _ index: Int,
        _ reception: PathReport.Reception,
        of report: PathReport,
        arrivedAt: Instant,
        at now: Instant
    ) {
        let made = Instant(nanoseconds: Int64(clamping: report.madeAt))
        var feedback = PathFeedback(
            at: now,
            delay: nil,
            roundTrip: nil,
            delivered: reception.octets,
            deliveredAt: made - Instant.zero - .microseconds(Int64(reception.octetsAge)),
            decided: 0,
            lost: 0
        )
        if let passage = passage(of: reception, over: index), passage.departure > paths[index].exchange.horizon {
            paths[index].exchange.horizon = passage.departure
            paths[index].exchange.progress = now
            feedback.delay = made - .microseconds(passage.age) - passage.departure
            let trip = arrivedAt - passage.departure - .microseconds(passage.age)
            feedback.roundTrip = trip >= .zero ? trip : nil
        }
        paths[index].feedback = feedback
    }

    /// When the newest of what has arrived left us, and microseconds from its arrival to the report.
    private func passage(of reception: PathReport.Reception, over index: Int) -> (departure: Instant, age: Int64)? {
        var newest: (departure: Instant, age: Int64)?
        if reception.echo > 0, reception.heldFor != .max, paths[index].monitor.hasSent(reception.echo) {
            let departure = Instant(nanoseconds: Int64(clamping: reception.echo)) - clockAhead
            newest = (departure, Int64(reception.heldFor))
        }
        // One that was sent twice does not tell which of both arrived.
        if let number = reception.newest, reception.newestAge != .max, let entry = exchange.log[number],
            entry.path == paths[index].number, entry.repairs == 0, entry.sentAt > newest?.departure ?? .zero
        {
            newest = (entry.sentAt, Int64(reception.newestAge))
        }
        return newest
    }

    // MARK: What arrives

    /// A user packet came over the path.
    mutating func noteReceived(_ slot: Slot, _ sequence: UInt32?, over index: Int, at now: Instant) {
        let isIPv4 = paths[index].remote.isIPv4
        let overhead = paths[index].parameters.encapsulation.overhead(outerIsIPv4: isIPv4, hasKey: hasReceiveKey)
        // GRE counts with its sequence number there.
        let missing = sequence == nil && paths[index].parameters.encapsulation.hasGRE ? 4 : 0
        paths[index].exchange.received(octets: Int(slot.count) + overhead - missing, at: now)
        if let sequence { paths[index].exchange.received(number: sequence, at: now) }
    }

    private var hasReceiveKey: Bool { parameters.receiveKey != nil }

    /// Every path delivers in order, and says how far the numbers are. So what is missing is lost, unless it is sent
    /// again, once every path that is heard is past it.
    mutating func proveLost(at now: Instant, into burst: inout Burst) {
        var least = Int.max
        for path in paths where path.parameters.encapsulation.hasGRE && path.monitor.isAudible {
            guard let newest = path.newestSequence else { return }
            let distance = ReorderBuffer.distance(from: reorder.expected, to: newest) + 1
            guard distance > 0 else { return }
            least = min(least, distance)
        }
        guard let end = UInt32(exactly: least) else { return }
        let found = reorder.prove(before: reorder.expected &+ end, at: now, into: &burst)
        if found { exchange.hasten(at: now) }
    }

    // MARK: Looking around

    /// Now and then while the session is busy.
    mutating func lookAround(at now: Instant, into burst: inout Burst, arena: inout PacketArena) {
        guard exchange.isActive, now >= exchange.nextLook else { return }
        exchange.nextLook =
            isBusy(at: now) || kept > 0 ? now + ReportExchange.lookTime : .never
        fallSilentEarly(at: now, into: &burst)
        suspect(at: now)
        if paths.contains(where: { $0.isHeldBack && $0.steadiness.isReliable(at: now) }) { refresh(at: now) }
        forgetOld(at: now, arena: &arena)
        sendMarkers(at: now, into: &burst, arena: &arena)
    }

    /// A path that is silent while another one is not has stopped: a machine that is slow would make both wait.
    private mutating func fallSilentEarly(at now: Instant, into burst: inout Burst) {
        for index in paths.indices {
            let isAnotherHeard = paths.contains {
                $0.number != paths[index].number && $0.monitor.isWitness(at: now)
            }
            guard paths[index].monitor.isOverdue(beside: isAnotherHeard, at: now) else {
                if paths[index].monitor.isDoubtful { exchange.nextLook = now + Punctuality.slack }
                continue
            }
            watch(index, at: now, into: &burst) { $0.stop(at: now) }
        }
    }
}
