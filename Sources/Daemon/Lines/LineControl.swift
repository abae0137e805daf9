// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Logging
package import Wire

/// What the access networks' lines can do and may still carry: as configured, as a program says, as measured, and as counted.
/// Belongs to the control plane's thread.
package final class LineControl {
    private struct Line {
        let configuration: WANConfiguration
        var link: InterfaceIndex?
        var meter: QuotaMeter?
        var measured = MeasuredRate()
        /// Of the path, from probes.
        var roundTrip: Duration?
        var report: LineReport?
        var program: WatchedProgram?
        var programDue: Instant = .zero
        /// Runs in a row that told nothing.
        var failures = 0
        /// What was logged already.
        var complaints: Set<String> = []
        /// nil before the first time.
        var told: LinkMetrics?

        func metrics(on today: CalendarDate) -> LinkMetrics {
            LinkMetrics(
                configured: configuration,
                reported: report,
                measuredDownlink: measured.rate,
                quotaLeft: meter?.leftInSteps(on: today)
            )
        }
    }

    private static let pace: Duration = .seconds(1)
    /// What a machine that loses its power may forget.
    private static let savePace: Duration = .seconds(10)
    private static let programTime: Duration = .seconds(10)
    /// After so many failures in a row, what a program said last is not true any more.
    private static let patience = 3

    private var lines: [Line]
    /// nil: nothing outlives the process.
    private let file: QuotaFile?
    private let netlink: NetlinkSocket
    private let reactor: Reactor
    private let today: () -> CalendarDate
    private let logger: Logger
    private let origin: String
    private var alarm: Alarm?
    private var saveDue: Instant?
    private var fileComplaint: String?
    /// Called with the name and what is known of a line, when that has changed by more than a little.
    package var changed: (String, LinkMetrics) -> Void = { _, _ in }
    /// Called every second if round trips are wanted, each by the name of its access network.
    package var asks: () -> Void = {}

    package init(
        _ wans: [WANConfiguration],
        store: StoreLocation,
        on reactor: Reactor,
        today: @escaping () -> CalendarDate = { .today },
        logger: Logger
    ) throws(SystemError) {
        lines = wans.map { Line(configuration: $0) }
        if case .file(let path) = store { file = QuotaFile(path: "\(path).quota") } else { file = nil }
        netlink = try NetlinkSocket()
        origin = try Self.origin()
        self.reactor = reactor
        self.today = today
        self.logger = logger
    }

    /// Tells what is known of each line, and from then on each change that matters.
    package func start() {
        takeUpQuotas()
        for index in lines.indices { tell(index) }
        alarm = reactor.makeAlarm { [unowned self] in self.tick() }
        alarm?.set(at: SystemClock.now())
    }

    package func stop() {
        countAll()
        if saveDue != nil { save() }
        alarm?.cancel()
        alarm = nil
        for index in lines.indices {
            lines[index].program?.cancel()
            lines[index].program = nil
        }
    }

    /// Of those whose quota is used up, by name.
    package var exhausted: Set<String> {
        Set(lines.filter { $0.told?.isExhausted == true }.map(\.configuration.name))
    }

    /// The access network's link of now; nil as long as it has none.
    package func linkChanged(of name: String, to link: InterfaceIndex?) {
        guard let index = lines.firstIndex(where: { $0.configuration.name == name }) else { return }
        if lines[index].link != link {
            countAll()
            lines[index].measured = MeasuredRate()
        }
        lines[index].link = link
        if link != nil { countAll() }
    }

    /// The newest that the paths have measured.
    package func learn(roundTrips: [String: Duration]) {
        for index in lines.indices { lines[index].roundTrip = roundTrips[lines[index].configuration.name] }
    }

    private func tick() {
        runPrograms()
        countAll()
        if lines.contains(where: { $0.configuration.downlinkRate == nil }) { asks() }
        for index in lines.indices { tell(index) }
        if let saveDue, saveDue <= SystemClock.now() { save() }
        alarm?.set(at: SystemClock.now() + Self.pace)
    }

    private func tell(_ index: Int) {
        let metrics = lines[index].metrics(on: today())
        let old = lines[index].told ?? LinkMetrics()
        guard metrics.differs(from: old, rates: 20, quota: 100) else { return }
        lines[index].told = metrics
        changed(lines[index].configuration.name, metrics)
    }

    // MARK: Programs

    private func runPrograms() {
        let now = SystemClock.now()
        for index in lines.indices where lines[index].program == nil && lines[index].programDue <= now {
            guard let metrics = lines[index].configuration.metrics else { continue }
            lines[index].programDue = now + metrics.interval
            do throws(SystemError) {
                lines[index].program = try WatchedProgram(
                    running: metrics.command,
                    within: min(metrics.interval, Self.programTime),
                    printingAtMost: LineReport.limit,
                    on: reactor
                ) { [unowned self] end in self.programEnded(index, end) }
            } catch {
                programFailed(index, "\(error)")
            }
        }
    }

    private func programEnded(_ index: Int, _ end: WatchedProgram.End) {
        lines[index].program = nil
        switch end {
        case .ended(status: 0, let output):
            let report = LineReport(output)
            lines[index].failures = 0
            lines[index].report = report
            for line in report.unknown { complain("says \"\(line.prefix(80))\", which means nothing here", of: index) }
            tell(index)
        case .ended(let status, _): programFailed(index, "ended with status \(status)")
        case .tookTooLong: programFailed(index, "took too long")
        case .printedTooMuch: programFailed(index, "printed more than \(LineReport.limit) octets")
        }
    }

    private func programFailed(_ index: Int, _ problem: String) {
        complain(problem, of: index)
        lines[index].failures += 1
        guard lines[index].failures >= Self.patience, lines[index].report != nil else { return }
        lines[index].report = nil
        logger.warning("\(lines[index].configuration.name): what its metrics command said last is forgotten")
        tell(index)
    }

    private func complain(_ problem: String, of index: Int) {
        let program = lines[index].configuration.metrics?.command.first ?? ""
        let complaint = "\(lines[index].configuration.name): \(program) \(problem)"
        // What it says may be anything.
        guard lines[index].complaints.count < 20, lines[index].complaints.insert(complaint).inserted else { return }
        logger.warning("\(complaint)")
    }

    // MARK: Quotas

    /// By which a link's counter is known again: it begins anew with the machine.
    private static func origin() throws(SystemError) -> String {
        let boot = KernelSetting(path: "kernel/random/boot_id")
        let start = try boot.map { (setting) throws(SystemError) in try Sysctl.read(setting) } ?? ""
        return "\(start) \(try NetworkNamespace.currentIdentity())"
    }

    private func takeUpQuotas() {
        guard lines.contains(where: { $0.configuration.quota != nil }) else { return }
        var known: [String: QuotaFile.Entry] = [:]
        do throws(SystemError) {
            if let entries = try file?.load() {
                known = entries
            } else if let file {
                logger.error("\(file.path) is damaged: what was counted of quotas is forgotten")
            } else {
                logger.warning("what is counted of quotas is not kept: mag.store is memory")
            }
        } catch {
            logger.error("\(error)")
        }
        for index in lines.indices {
            guard let quota = lines[index].configuration.quota else { continue }
            let entry = known[lines[index].configuration.name]
            lines[index].meter = QuotaMeter(quota, account: entry?.account, last: entry?.last, on: today())
        }
    }

    private func countAll() {
        guard lines.contains(where: { $0.meter != nil || $0.configuration.downlinkRate == nil }) else { return }
        do throws(SystemError) {
            let octets = try netlink.linkOctets()
            for index in lines.indices {
                guard let link = lines[index].link, let count = octets[link] else { continue }
                let both = count.received &+ count.sent
                self.count(QuotaMeter.Reading(origin: "\(origin) \(link)", octets: both), of: index)
                let sample = MeasuredRate.Sample(
                    received: count.received,
                    sent: count.sent,
                    roundTrip: lines[index].roundTrip
                )
                lines[index].measured.add(sample, at: SystemClock.now())
            }
        } catch {
            logger.error("\(error)")
        }
        for index in lines.indices { logEvents(index) }
    }

    private func count(_ reading: QuotaMeter.Reading, of index: Int) {
        guard lines[index].meter != nil else { return }
        let isFirst = lines[index].meter?.last?.origin != reading.origin
        if lines[index].meter?.read(reading, on: today()) == true || isFirst {
            let due = SystemClock.now() + (isFirst ? .zero : Self.savePace)
            saveDue = min(saveDue ?? due, due)
        }
    }

    private func logEvents(_ index: Int) {
        guard let events = lines[index].meter?.events(on: today()), !events.isEmpty,
            let meter = lines[index].meter
        else { return }
        let what = "\(lines[index].configuration.name): "
        let quota = "the quota of \(meter.quota) octets"
        let end = "it begins anew on \(today().nextReset(on: meter.account.resetDay))"
        for event in events {
            switch event {
            case .nearlyUsed: logger.notice("\(what)80 % of \(quota) is used; \(end)")
            case .used: logger.warning("\(what)\(quota) is used up; \(end)")
            case .begunAnew: logger.notice("\(what)\(quota) begins anew")
            }
        }
        save()
    }

    private func save() {
        saveDue = nil
        guard let file else { return }
        var entries: [String: QuotaFile.Entry] = [:]
        for line in lines {
            if let meter = line.meter {
                entries[line.configuration.name] = QuotaFile.Entry(account: meter.account, last: meter.last)
            }
        }
        do throws(SystemError) {
            try file.save(entries)
            fileComplaint = nil
        } catch {
            if fileComplaint == nil { logger.error("quotas cannot be kept: \(error)") }
            fileComplaint = "\(error)"
            saveDue = SystemClock.now() + Self.savePace
        }
    }
}

extension CalendarDate {
    /// By the clock on the wall, where the machine is.
    package static var today: CalendarDate {
        let (year, month, day) = SystemClock.localDate()
        return CalendarDate(year: year, month: month, day: day)
    }
}
