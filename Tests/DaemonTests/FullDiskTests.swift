// SPDX-License-Identifier: Apache-2.0
import Daemon
import Lab
import LinuxIO
import Logging
import Mobility
import Testbed
import Testing
import Wire

/// An anchor whose disk is full, or breaks, while it serves: who is served is served on, and nothing is promised that a
/// restart would not keep.
@Suite struct FullDiskTests {
    typealias Domain = ExampleDomain

    private let log = LogLines()

    private static var settings: AnchorSettings {
        var settings = Domain.anchor
        settings.gateways[0].mobileNodes = (1...9).map { StoreBench.node($0) }
        return settings
    }

    private func serve(_ disk: ScratchDisk) async throws -> ServingAnchor {
        let anchor = try ServingAnchor(storing: "\(disk.path)/lma.sqlite", Self.settings, logger: log.logger)
        await anchor.begin()
        return anchor
    }

    /// The nodes that a next start would find.
    private func stored(on disk: ScratchDisk) throws -> Set<NodeIdentifier> {
        let store = try SQLiteStore(path: "\(disk.path)/lma.sqlite", newCounter: 1)
        defer { store.close() }
        let contents = try store.load()
        #expect(contents.losses.isEmpty)
        return Set(contents.sessions.sessions.map(\.identifier.mobileNode))
    }

    /// Those that were there go on, refresh and gain paths as far as that needs no record; the first one whose session
    /// cannot be written is told nothing, and the next ones are refused with 130.
    private func expectOldServedAndNewRefused(_ anchor: ServingAnchor) async {
        #expect(await anchor.ask(3) == .withheld)
        #expect(log.count("error: bindings cannot be stored") == 1)
        for node in [4, 5] { #expect(await anchor.ask(node) == .refused(.insufficientResources)) }
        #expect(await anchor.ask(1) { $0.handoff = .notChanged } == .answered)
        #expect(await anchor.ask(2) { $0.handoff = .notChanged } == .answered)
        // Asked once more, it still is not there.
        #expect(await anchor.ask(3) == .withheld)
        let nodes = await anchor.sessions.map(\.identifier.mobileNode)
        #expect(Set(nodes) == Set([1, 2, 3].map(StoreBench.node)))
    }

    @Test func fullDiskRefusesNewcomersUntilThereIsRoom() async throws {
        try await ScratchDisk.with(.small(4)) { disk in
            let anchor = try await serve(disk)
            for node in 1...2 { #expect(await anchor.ask(node) == .answered) }
            disk.fill()
            await expectOldServedAndNewRefused(anchor)
            // Nobody has to do anything but make room.
            disk.clear()
            #expect(try await Patience.wait(.seconds(5)) { await anchor.isStoreWell })
            #expect(log.count("notice: bindings are stored again") == 1)
            for node in 3...5 { #expect(await anchor.ask(node) == .answered) }
            await anchor.stop()
            #expect(try stored(on: disk) == Set((1...5).map(StoreBench.node)))
        }
    }

    /// What was acknowledged before is there when the machine has its disk back.
    @Test(.enabled(if: ScratchDisk.canBreak)) func brokenDiskRefusesNewcomersAndHasWhatItHad() async throws {
        try await ScratchDisk.with(.breakable) { disk in
            let anchor = try await serve(disk)
            for node in 1...2 { #expect(await anchor.ask(node) == .answered) }
            try await disk.breaks()
            await expectOldServedAndNewRefused(anchor)
            await anchor.stop()
            try await disk.isMountedAnew()
            #expect(try stored(on: disk) == Set([1, 2].map(StoreBench.node)))
        }
    }

    /// An anchor that could not write does not begin: it would give away again what it has given.
    @Test func diskThatIsFullAtTheStartIsSaid() async throws {
        try await ScratchDisk.with(.small(1)) { disk in
            disk.fill()
            let failure = #expect(throws: StoreFailure.self) { try stored(on: disk) }
            #expect(failure?.kind == .unwritable)
            disk.clear()
            let nodes = try stored(on: disk)
            #expect(nodes.isEmpty)
        }
    }

    @Test(.enabled(if: ScratchDisk.canBreak)) func diskThatIsReadOnlyAtTheStartIsSaid() async throws {
        try await ScratchDisk.with(.breakable) { disk in
            try await serve(disk).stop()
            try await disk.breaks()
            let failure = #expect(throws: StoreFailure.self) { try stored(on: disk) }
            #expect(failure?.kind == .unwritable)
        }
    }
}

/// An anchor's engine over a real file, asked by hand.
private actor ServingAnchor {
    enum Outcome: Equatable {
        case answered
        case refused(BindingStatus)
        /// An answer that must not leave.
        case withheld
        case ignored
    }

    nonisolated let reactor: Reactor
    nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }
    private let runner: EngineRunner<LocalMobilityAnchor>
    private let restored: StoredSessions
    private var sequence: UInt16 = 0

    init(storing path: String, _ settings: AnchorSettings, logger: Logger) throws {
        reactor = try Reactor(name: "test")
        try reactor.start()
        let store = try SQLiteStore(path: path, newCounter: 1)
        restored = try store.load().sessions
        let engine = LocalMobilityAnchor(settings, seed: 3)
        runner = EngineRunner(engine, on: reactor, store: store, logger: logger) { _ in }
    }

    var sessions: [SessionSnapshot] { runner.engine.snapshot.sessions }
    var isStoreWell: Bool { runner.storeFailure == nil }

    func begin() { runner.turn { engine, now in engine.restore(restored, at: now) } }

    /// There is no socket: an answer that would leave is one that cannot be sent.
    func ask(_ node: Int, _ change: @Sendable (inout HandmadeUpdate) -> Void = { _ in }) -> Outcome {
        let (unsendable, withheld) = (runner.unsendable, runner.withheld)
        let refused = runner.engine.snapshot.counters.refused
        var update = HandmadeUpdate()
        sequence += 1
        (update.mobileNode, update.sequence) = (StoreBench.node(node), sequence)
        change(&update)
        runner.turn(.received(update.datagram(at: SystemClock.timestamp())))
        for (status, count) in runner.engine.snapshot.counters.refused where count > refused[status] ?? 0 {
            return .refused(status)
        }
        return runner.withheld > withheld ? .withheld : runner.unsendable > unsendable ? .answered : .ignored
    }

    nonisolated func stop() async {
        await close()
        reactor.stop()
    }

    private func close() {
        runner.closeStore()
        runner.stop()
    }
}
