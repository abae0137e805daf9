// SPDX-License-Identifier: Apache-2.0
import API
import Daemon
import Glibc
import Lab
import LinuxIO
import Testing

/// The kernel's settings are lent, not taken.
@Suite struct KernelSettingsTests {
    private let log = LogLines()
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private var socket: String { "\(folder.path)/mag.sock" }

    private func setting(_ name: String, on link: String = "near") throws -> KernelSetting {
        try #require(KernelSetting.ipv4(name, on: link))
    }

    /// A run of the daemon, which is killed where the body ends: nothing is put back but by the body itself.
    private func run(in namespace: LabNamespace, _ body: @escaping @Sendable (KernelSettings, Journal) throws -> Void)
        throws
    {
        let (socket, logger) = (socket, log.logger)
        try namespace.enter {
            let journal = try Journal.waited(beside: socket)
            try body(KernelSettings(journal, logger: logger), journal)
        }
    }

    private func value(_ setting: KernelSetting, in namespace: LabNamespace) throws -> String {
        try namespace.enter { try Sysctl.read(setting) }
    }

    @Test func settingsAreShownAndPutBackAtTheEnd() async throws {
        try await ScratchCable.with { cable in
            let (first, second) = (try setting("accept_local"), try setting("arp_ignore"))
            let logger = log.logger
            try run(in: cable.near) { settings, journal in
                try settings.set("1", to: first, because: "of a test")
                try settings.set("2", to: second, because: "of another")
                try settings.set("1", to: second, because: "of a third")
                try settings.set("1", to: first, because: "it is so already")
                #expect(try Sysctl.read(first) == "1")
                #expect(
                    settings.changes == [
                        ChangedSetting(first, previous: "0", value: "1", reason: "of a test"),
                        ChangedSetting(second, previous: "0", value: "1", reason: "of a third"),
                    ]
                )
                settings.restoreAll()
                #expect(settings.changes.isEmpty)
                journal.close(logger: logger)
            }
            #expect(try value(first, in: cable.near) == "0" && value(second, in: cable.near) == "0")
            #expect(folder.names.isEmpty)
            #expect(log.lines.first == "info: net/ipv4/conf/near/accept_local is set from 0 to 1: of a test")
            #expect(log.lines.last == "info: net/ipv4/conf/near/accept_local is set back from 1 to 0")
        }
    }

    @Test func whatSomebodyElseHasSetSinceStays() async throws {
        try await ScratchCable.with { cable in
            let setting = try setting("arp_ignore")
            try run(in: cable.near) { settings, _ in
                try settings.set("1", to: setting, because: "of a test")
                try Sysctl.write("2", to: setting)
                settings.restoreAll()
                #expect(try Sysctl.read(setting) == "2")
            }
            #expect(log.lines.last == "warning: net/ipv4/conf/near/arp_ignore stays at 2: it is not our 1 any more")
        }
    }

    @Test func aKilledRunsSettingsArePutBackAtTheNextStart() async throws {
        try await ScratchCable.with { cable in
            let (first, second) = (try setting("accept_local"), try setting("arp_ignore"))
            try run(in: cable.near) { settings, _ in
                try settings.set("1", to: first, because: "of a test")
                try settings.set("1", to: second, because: "of a test")
                try settings.set("2", to: second, because: "of a change of mind")
            }
            #expect(try value(first, in: cable.near) == "1" && value(second, in: cable.near) == "2")
            // The last line may be torn: its change was not made.
            folder.write(
                folder.text(of: "mag.sock.settings") + #"{"number":9,"entry":{"setting":{"pa"#,
                to: "mag.sock.settings"
            )
            try run(in: cable.near) { settings, _ in #expect(settings.changes.isEmpty) }
            #expect(try value(first, in: cable.near) == "0" && value(second, in: cable.near) == "0")
            #expect(log.count("set back from 1 to 0, left by a daemon that was killed") == 1)
            // Once only.
            try run(in: cable.near) { _, _ in try Sysctl.write("1", to: first) }
            try run(in: cable.near) { _, journal in #expect(journal.leftovers.isEmpty) }
            #expect(try value(first, in: cable.near) == "1")
        }
    }

    @Test func aKilledRunsSettingsOfALinkThatIsGoneAreDropped() async throws {
        try await ScratchCable.with { cable in
            let setting = try setting("arp_ignore")
            try run(in: cable.near) { settings, _ in try settings.set("1", to: setting, because: "of a test") }
            try await cable.near.ip("link del near")
            let count = log.lines.count
            try run(in: cable.near) { settings, journal in
                #expect(journal.leftovers.count == 1)
                #expect(throws: SystemError(call: "open", errno: ENOENT, subject: "/proc/sys/\(setting)")) {
                    try settings.set("1", to: setting, because: "of a test")
                }
            }
            try run(in: cable.near) { _, journal in #expect(journal.leftovers.isEmpty) }
            #expect(log.lines.count == count)
        }
    }

    @Test func aLinkThatIsReplacedKeepsItsOwnPreviousValue() async throws {
        try await ScratchCable.with { cable in
            let setting = try setting("arp_ignore")
            try run(in: cable.near) { settings, _ in
                try settings.set("1", to: setting, because: "of a test")
                // As a new link of this name would have it.
                try Sysctl.write("2", to: setting)
                try settings.set("1", to: setting, because: "of a test")
                settings.restoreAll()
                settings.restoreAll()
                #expect(try Sysctl.read(setting) == "2")
            }
        }
    }

    @Test func whatAnotherNetworkSawIsNotPutBack() async throws {
        try await ScratchCable.with { cable in
            let setting = try setting("arp_ignore", on: "lo")
            try run(in: cable.near) { settings, _ in try settings.set("1", to: setting, because: "of a test") }
            try cable.far.enter { _ = try Sysctl.write("1", to: setting) }
            let logger = log.logger
            // More than once, and one that ends in order.
            for _ in 1...2 {
                try run(in: cable.far) { _, journal in
                    #expect(journal.leftovers.isEmpty)
                    journal.close(logger: logger)
                }
            }
            #expect(try value(setting, in: cable.far) == "1")
            // It waits for a start where it belongs.
            try run(in: cable.near) { settings, journal in
                #expect(settings.changes.isEmpty)
                journal.close(logger: logger)
            }
            #expect(try value(setting, in: cable.near) == "0")
            #expect(folder.names.isEmpty)
        }
    }

    @Test func aSecondDaemonWithTheSameSocketDoesNotGetTheJournal() throws {
        let first = try Journal(beside: socket)
        #expect(throws: SystemError(call: "lock", errno: EWOULDBLOCK, subject: "\(socket).settings")) {
            try Journal(beside: socket)
        }
        #expect(Journal.holder(beside: socket) == getpid())
        withExtendedLifetime(first) {}
    }

    @Test func aJournalThatOthersCouldHaveWrittenIsNotTrusted() throws {
        folder.write("", to: "mag.sock.settings")
        chmod("\(socket).settings", 0o666)
        let error = #expect(throws: SystemError.self) { try Journal(beside: socket) }
        #expect(error?.errno == EPERM)
    }
}
