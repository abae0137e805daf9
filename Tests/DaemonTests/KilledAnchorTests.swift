// SPDX-License-Identifier: Apache-2.0
import Daemon
import FoundationEssentials
import LinuxIO
import Mobility
import Synchronization
import Testbed
import Testing
import Wire

/// An anchor's engine over a real file, killed between any two effects: what the disk has at that moment is what the
/// next one starts from.
@Suite struct KilledAnchorTests {
    typealias Domain = ExampleDomain

    private static let nodes = (1...6).map { StoreBench.node($0) }

    private static var settings: AnchorSettings {
        var settings = Domain.anchor
        settings.gateways[0].mobileNodes = nodes
        settings.timestampValidityWindow = .seconds(3600)
        return settings
    }

    /// What was told to gateways, as they believe it.
    private struct Told: Equatable {
        var prefixes: [NodeIdentifier: [IPPrefix]] = [:]
        var keys: [NodeIdentifier: UInt32] = [:]
        var bindings: [NodeIdentifier: Set<UInt8>] = [:]

        mutating func hear(_ datagram: Datagram) {
            guard case .bindingAcknowledgement(let reply)? = try? MobilityHeader(decoding: datagram.octets).message,
                reply.status == .accepted, let node = reply.options.first(MobileNodeIdentifier.self)?.identifier,
                let binding = reply.options.first(MAGMultipathBinding.self)?.bindingIdentifier
            else { return }
            guard !reply.lifetime.isZero else {
                bindings[node]?.remove(binding)
                return
            }
            prefixes[node] = reply.options.all(HomeNetworkPrefix.self).compactMap(\.prefix)
            if let key = reply.options.first(GREKey.self)?.key { keys[node] = key }
            bindings[node, default: []].insert(binding)
        }
    }

    /// A run over one file; at each step the file is copied, as a killed process would leave it.
    private final class Run {
        struct Moment {
            var step: StoreStep
            var folder: ScratchFolder
            var told: Told
        }

        let folder: ScratchFolder
        var told = Told()
        /// Told in a turn whose messages are underway: it may have arrived, or not.
        private(set) var moments: [Moment] = []

        init() throws { folder = try ScratchFolder() }

        func note(_ step: StoreStep) {
            guard let copy = try? ScratchFolder() else { return }
            for name in folder.names where !name.hasSuffix("-shm") {
                try? FileManager.default.copyItem(atPath: "\(folder.path)/\(name)", toPath: "\(copy.path)/\(name)")
            }
            moments.append(Moment(step: step, folder: copy, told: told))
        }
    }

    /// New sessions and further paths, refreshes, a move, de-registrations with the end of their grace, and prefixes
    /// that become another's.
    private static func workload() -> [(update: HandmadeUpdate, wait: Duration)] {
        var steps: [(HandmadeUpdate, Duration)] = []
        var sequence: UInt16 = 0
        func add(
            _ node: Int,
            _ binding: UInt8,
            _ wait: Duration = .milliseconds(5),
            _ change: (inout HandmadeUpdate) -> Void = { _ in }
        ) {
            var update = HandmadeUpdate()
            sequence += 1
            (update.mobileNode, update.sequence) = (nodes[node], sequence)
            update.greKey = GREKey(UInt32(100 + node))
            update.multipath?.bindingIdentifier = binding
            update.source = binding == 1 ? Domain.lte : Domain.wlan
            change(&update)
            steps.append((update, wait))
        }
        for node in 0..<4 { add(node, 1) }
        for node in 0..<4 { add(node, 2) }
        add(0, 1) { $0.handoff = .notChanged }
        add(1, 1, .milliseconds(1100)) { $0.handoff = .notChanged }
        add(0, 2) { $0.source = Domain.address("2001:db8:c::2") }
        for round in 0..<9 { add(round % 3, 2) { $0.source = Domain.address("2001:db8:d::\(round + 1)") } }
        add(2, 1) { $0.lifetime = .zero }
        add(3, 1) { $0.lifetime = .zero }
        add(3, 2, .seconds(11)) { $0.lifetime = .zero }
        for node in 4..<6 { add(node, 1) }
        add(3, 1, .seconds(2))
        return steps
    }

    /// The engine's turns as the runner makes them, but on virtual time.
    private static func play(_ run: Run) throws {
        let path = "\(run.folder.path)/lma.sqlite"
        let store = try SQLiteStore(path: path, newCounter: 1) { run.note($0) }
        let contents = try store.load()
        let keeper = StoreKeeper(store, logger: LogLines().logger)
        var now = Moment(instant: Instant(nanoseconds: 1_000_000_000), timestamp: Timestamp(seconds: 1_700_000_000))
        var engine = LocalMobilityAnchor(settings, seed: 3)
        func turn(_ actions: [Action]) {
            keeper.take(actions.compactMap { if case .store(let change) = $0 { change } else { nil } }, at: now.instant)
            for action in actions {
                guard case .send(let datagram) = action else { continue }
                run.note(.beforeAction)
                run.told.hear(datagram)
                run.note(.afterAction)
            }
        }
        turn(engine.restore(contents.sessions, at: now))
        for (update, wait) in workload() {
            turn(engine.handle(.received(update.datagram(at: now.timestamp)), at: now))
            let end = now + wait
            while let next = [engine.nextDeadline, keeper.nextDeadline].compactMap(\.self).min(), next <= end.instant {
                now = now + max(.zero, next - now.instant)
                turn(engine.handle(.deadline, at: now))
            }
            now = end
        }
        #expect(keeper.isWell)
        store.close()
    }

    @Test func nothingAcknowledgedIsLostAndNothingIsGivenTwiceWhereverItIsKilled() throws {
        let run = try Run()
        try Self.play(run)
        #expect(run.moments.count >= 200)
        #expect(Set(run.moments.map(\.step)).count == 7)
        for (number, moment) in run.moments.enumerated() {
            // Before its tables are made there is nothing to lose.
            let store = try SQLiteStore(path: "\(moment.folder.path)/lma.sqlite", newCounter: 1)
            let contents = try store.load()
            #expect(contents.losses.isEmpty, "moment \(number), \(moment.step)")
            var alone = LoneAnchor(Self.settings)
            alone.comesBack(Self.settings, with: contents.sessions)
            let sessions = alone.anchor.snapshot.sessions
            #expect(sessions.count == contents.sessions.sessions.count)
            let prefixes = sessions.flatMap { $0.homeNetworkPrefixes + $0.delegatedPrefixes }
            #expect(Set(prefixes).count == prefixes.count)
            for (node, bindings) in moment.told.bindings where !bindings.isEmpty {
                let session = sessions.first { $0.identifier.mobileNode == node }
                let active =
                    session?.legs.filter { $0.state == "active" }.compactMap(\.identifier.binding?.rawValue) ?? []
                // A de-registration may have been stored, and not been told yet.
                let isGiven =
                    Set(active).isSuperset(of: bindings)
                    || Set(session?.legs.compactMap(\.identifier.binding?.rawValue) ?? []).isSuperset(of: bindings)
                #expect(isGiven, "moment \(number), \(moment.step): \(node) has \(active), was told \(bindings)")
                #expect(session?.homeNetworkPrefixes == moment.told.prefixes[node])
                let record = contents.sessions.sessions.first { $0.identifier.mobileNode == node }
                #expect(record?.uplinkKey == moment.told.keys[node])
            }
            // What is still free is nobody's.
            let reply = alone.ask { ($0.mobileNode, $0.sequence) = (Self.nodes[5], 999) }
            let fresh = reply?.options.all(HomeNetworkPrefix.self).compactMap(\.prefix) ?? []
            if moment.told.bindings[Self.nodes[5]] == nil,
                !sessions.contains(where: { $0.identifier.mobileNode == Self.nodes[5] })
            {
                #expect(!fresh.isEmpty && Set(fresh).isDisjoint(with: prefixes))
            }
            store.close()
        }
    }
}
