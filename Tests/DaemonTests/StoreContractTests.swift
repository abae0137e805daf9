// SPDX-License-Identifier: Apache-2.0
import Daemon
import Mobility
import Testbed
import Testing
import Wire

/// What every kind of store promises.
@Suite struct StoreContractTests {
    typealias Bench = StoreBench

    private static func sessions(_ contents: StoreContents) -> Set<SessionRecord> { Set(contents.sessions.sessions) }

    @Test(arguments: StoreKind.allCases) func whatIsCommittedIsThereAtTheNextStart(_ kind: StoreKind) throws {
        let bench = try Bench(kind)
        var store = try bench.open()
        #expect(try store.load() == StoreContents(sessions: StoredSessions(start: 1), restartCounter: 7))
        let (first, second) = (Bench.record(1), Bench.record(2))
        try store.commit([.put(first, isUrgent: true), .put(second, isUrgent: false)])
        try store.commit([.floor(FloorRecord(mobileNode: Bench.node(3), sequence: 65535))])
        try store.commit([])
        store.close()
        store = try bench.open(newCounter: 99)
        var contents = try store.load()
        #expect(Self.sessions(contents) == [first, second] && contents.losses.isEmpty)
        #expect(contents.sessions.floors == [FloorRecord(mobileNode: Bench.node(3), sequence: 65535)])
        // RFC 5847 §3.2: nothing was lost, so nobody is told of a restart.
        #expect(contents.restartCounter == 7 && contents.sessions.start == 2)
        try store.commit([.remove(first.identifier), .remove(SessionIdentifier(mobileNode: Bench.node(9)))])
        let floor = FloorRecord(mobileNode: Bench.node(3), sequence: 1, timestamp: Timestamp(value: .max - 1))
        try store.commit([.floor(floor)])
        store.close()
        contents = try bench.open().load()
        #expect(Self.sessions(contents) == [second] && contents.sessions.start == 3)
        #expect(contents.sessions.floors == [floor])
        store = try bench.open()
        _ = try store.load()
        try store.commit([.forget(Bench.node(3)), .forget(Bench.node(4))])
        store.close()
        #expect(try bench.open().load().sessions.floors.isEmpty)
    }

    @Test(arguments: StoreKind.allCases) func aRecordIsReplacedWhole(_ kind: StoreKind) throws {
        let bench = try Bench(kind)
        let store = try bench.open()
        _ = try store.load()
        var record = Bench.record(1)
        try store.commit([.put(record, isUrgent: true)])
        record.homeNetworkPrefixes = [ExampleDomain.prefix("2001:db8:1234:ffff::/64")]
        (record.homeAddress, record.uplinkKey, record.legs[0].sequence) = (nil, nil, 4711)
        record.legs.removeLast()
        try store.commit([.put(record, isUrgent: false)])
        // What it had is free.
        let heir = Bench.record(1, session: 1)
        var other = heir
        other.identifier = SessionIdentifier(mobileNode: Bench.node(2))
        other.delegatedPrefixes = []
        try store.commit([.put(other, isUrgent: true)])
        store.close()
        #expect(try Self.sessions(bench.open().load()) == [record, other])
    }

    @Test(arguments: StoreKind.allCases) func twoNodesNeverHaveOnePrefixOrKey(_ kind: StoreKind) throws {
        let bench = try Bench(kind)
        let store = try bench.open()
        _ = try store.load()
        let first = Bench.record(1)
        try store.commit([.put(first, isUrgent: true)])
        let changes: [(inout SessionRecord) -> Void] = [
            { $0.homeNetworkPrefixes = first.homeNetworkPrefixes }, { $0.delegatedPrefixes = first.delegatedPrefixes },
            { $0.homeAddress = first.homeAddress }, { $0.uplinkKey = first.uplinkKey },
        ]
        for change in changes {
            var second = Bench.record(2)
            change(&second)
            // All or nothing.
            let third = StoredChange.put(Bench.record(3), isUrgent: true)
            let error = #expect(throws: StoreFailure.self) { try store.commit([third, .put(second, isUrgent: true)]) }
            #expect(error?.kind == .contradiction)
        }
        // RFC 7864 §3.2.1: a node's own sessions may.
        var own = Bench.record(1, session: 1)
        own.uplinkKey = 5
        try store.commit([.put(own, isUrgent: true)])
        store.close()
        #expect(try Self.sessions(bench.open().load()) == [first, own])
    }

    @Test(arguments: StoreKind.allCases) func whatOneGivesBackAnotherGetsInTheSameTurn(_ kind: StoreKind) throws {
        let bench = try Bench(kind)
        let store = try bench.open()
        _ = try store.load()
        var (first, second) = (Bench.record(1), Bench.record(2))
        try store.commit([.put(first, isUrgent: true), .put(second, isUrgent: true)])
        // They change places.
        swap(&first.homeNetworkPrefixes, &second.homeNetworkPrefixes)
        swap(&first.uplinkKey, &second.uplinkKey)
        try store.commit([.put(first, isUrgent: true), .put(second, isUrgent: true)])
        var third = Bench.record(3)
        third.homeNetworkPrefixes = first.homeNetworkPrefixes
        try store.commit([.put(third, isUrgent: true), .remove(first.identifier)])
        store.close()
        #expect(try Self.sessions(bench.open().load()) == [second, third])
    }

    @Test(arguments: StoreKind.allCases) func identifiersAreTakenAsOctets(_ kind: StoreKind) throws {
        let bench = try Bench(kind)
        let store = try bench.open()
        _ = try store.load()
        var records: [SessionRecord] = []
        let nodes: [[UInt8]] = [[0], [0, 0], [39, 59, 45, 45], [255, 254], []]
        for (number, octets) in nodes.enumerated() {
            var record = Bench.record(number + 1)
            record.identifier.mobileNode = NodeIdentifier(subtype: UInt8(number), octets: octets)
            records.append(record)
            try store.commit([.put(record, isUrgent: true)])
        }
        store.close()
        #expect(try Self.sessions(bench.open().load()) == Set(records))
    }
}
