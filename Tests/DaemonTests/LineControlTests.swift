// SPDX-License-Identifier: Apache-2.0
import Daemon
import Lab
import LinuxIO
import Synchronization
import Testing
import Wire

/// What the engine hears of lines, from real programs and a real link's counter.
@Suite struct LineControlTests {
    private let log = LogLines()
    private let folder: ScratchFolder
    private let told = Record<String>()

    init() throws { folder = try ScratchFolder() }

    private func wans(_ keys: String) throws -> [WANConfiguration] {
        let text = ConfigurationTexts.gateway.replacing("uplink-rate: 20mbit\n", with: "\(keys)\n")
        guard case .gateway(let gateway) = try ConfigurationFile.parse(text, file: "g.yaml") else { throw NoGateway() }
        return Array(gateway.wans.prefix(1))
    }

    private struct NoGateway: Error {}

    private final class Running: Sendable {
        let reactor: Reactor
        nonisolated(unsafe) let control: LineControl

        init(_ reactor: Reactor, _ control: LineControl) {
            self.reactor = reactor
            self.control = control
        }

        func stop(saving: Bool = true) {
            reactor.post { if saving { self.control.stop() } }
            reactor.stop()
        }
    }

    /// `wan1` is the link `near`.
    private func run(_ keys: String, in namespace: LabNamespace) throws -> Running {
        let (wans, told, logger, store) = (try wans(keys), told, log.logger, StoreLocation.file("\(folder.path)/mag"))
        let reactor = try namespace.enter { try Reactor(name: "lines") }
        let running = try namespace.enter {
            let today = CalendarDate(year: 2026, month: 11, day: 22)
            let control = try LineControl(wans, store: store, on: reactor, today: { today }, logger: logger)
            return Running(reactor, control)
        }
        try namespace.enter {
            let near = try NetlinkSocket().link(named: "near")?.index
            running.control.changed = { name, metrics in
                let rates = "\(metrics.downlinkRate ?? 0) \(metrics.uplinkRate ?? 0)"
                told.note("\(name) \(rates) \(metrics.costClass) \(metrics.quotaLeft.map { "\($0)" } ?? "-")")
            }
            running.control.start()
            running.control.linkChanged(of: "wan1", to: near)
            try reactor.start()
        }
        return running
    }

    private func write(_ script: String) throws -> String {
        folder.write("#!/bin/sh\n\(script)\n", to: "line")
        _ = try FinishedProgram(running: ["chmod", "+x", "\(folder.path)/line"], input: "")
        return "metrics: { command: [\(folder.path)/line, \"$HOME\"], every: 1s }"
    }

    @Test func aProgramIsAskedAgainAndForgottenWhenItFails() async throws {
        try await ScratchCable.with { cable in
            folder.write("uplink-rate 5mbit\ncost 2\nweather fine\n", to: "says")
            let running = try run(try write("cat \(folder.path)/says || exit 4; echo \"$1\""), in: cable.near)
            #expect(try await told.ends(with: "wan1 0 5000000 2 -"))
            folder.write("uplink-rate 9mbit\n", to: "says")
            #expect(try await told.ends(with: "wan1 0 9000000 0 -"))
            _ = try FinishedProgram(running: ["rm", "\(folder.path)/says"], input: "")
            #expect(try await told.ends(with: "wan1 0 0 0 -"))
            running.stop()
            #expect(log.count("ended with status 4") == 1 && log.count("is forgotten") == 1)
            #expect(log.count("says \"weather fine\"") == 1)
            // No shell has seen it.
            #expect(log.count("says \"$HOME\"") == 1)
        }
    }

    @Test func aQuotaIsCountedByTheLinkAndSurvivesAKill() async throws {
        try await ScratchCable.with { cable in
            let quota = "quota: { octets: 100kb }"
            var running = try run(quota, in: cable.near)
            #expect(try await told.ends(with: "wan1 0 0 0 100000"))
            try await carry(20, cable)
            #expect(try await told.lastQuota(isBelow: 80000))
            #expect(try await Patience.wait(.seconds(30)) { folder.names.contains("mag.quota") })
            running.stop(saving: false)
            // While nobody counts.
            try await carry(20, cable)
            running = try run(quota, in: cable.near)
            #expect(try await told.lastQuota(isBelow: 60000))
            try await carry(44, cable)
            #expect(try await told.lastQuota(isBelow: 20000))
            try await carry(20, cable)
            #expect(try await told.ends(with: "wan1 0 0 0 0"))
            #expect(log.count("80 % of the quota") == 1 && log.count("is used up; it begins anew on 2026-12-01") == 1)
            #expect(log.count("error") == 0)
            running.stop()
            running = try run("quota: { octets: 1mb }", in: cable.near)
            #expect(try await told.lastQuota(isBelow: 900_001))
            running.stop()
        }
    }

    /// So many packets of more than a thousand octets, to somebody whose answers are as large.
    private func carry(_ packets: Int, _ cable: ScratchCable) async throws {
        try await cable.near.run(["ping", "-q", "-c", "\(packets / 2)", "-i", "0.01", "-s", "1000", "192.0.2.2"])
    }
}

extension Record<String> {
    fileprivate func lastQuota(isBelow limit: Int) async throws -> Bool {
        try await Patience.wait(.seconds(30)) {
            entries.last?.split(separator: " ").last.flatMap { Int($0) }.map { $0 < limit } == true
        }
    }
}
