// SPDX-License-Identifier: Apache-2.0
import Daemon
import FoundationEssentials
import Glibc
import Mobility
import Testbed
import Testing
import Wire

/// What a disk, an operator or another program has made of the file.
@Suite struct StoreDamageTests {
    typealias Bench = StoreBench

    private static func bench(_ count: Int) throws -> StoreBench {
        let bench = try Bench(.sqlite)
        let store = try bench.open()
        _ = try store.load()
        try store.commit((1...count).map { .put(Bench.record($0), isUrgent: true) })
        store.close()
        return bench
    }

    private static func octets(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path)))
    }

    private static func write(_ octets: [UInt8], _ path: String) throws {
        try Data(octets).write(to: URL(filePath: path))
    }

    /// Found by its octets, changed, and written back.
    private static func flip(_ record: SessionRecord, in path: String) throws {
        var file = try octets(path)
        let wanted = record.octets
        let start = try #require(file.indices.first { file[$0...].starts(with: wanted) })
        file[start + wanted.count / 2] ^= 4
        try write(file, path)
    }

    @Test func aDamagedRecordIsRefusedAndKeptAndTheOthersServed() throws {
        let bench = try Self.bench(5)
        try Self.flip(Bench.record(3), in: bench.path)
        var store = try bench.open()
        var contents = try store.load()
        #expect(contents.sessions.sessions.map(\.identifier.mobileNode) == [1, 2, 4, 5].map(Bench.node))
        #expect(contents.losses.count == 1 && contents.losses[0].hasPrefix("the record of cpe3@example.net:"))
        // RFC 5847 §3.2: state was lost, and so its gateway must hear of it.
        #expect(contents.restartCounter == 8)
        // Its prefixes are free.
        try store.commit([.put(Bench.record(3), isUrgent: true)])
        store.close()
        store = try bench.open()
        contents = try store.load()
        #expect(contents.sessions.sessions.count == 5 && contents.losses.isEmpty && contents.restartCounter == 8)
    }

    @Test func aFileThatIsNoDatabaseIsMovedAsideAsItIs() throws {
        let bench = try Self.bench(1)
        let rubbish = [UInt8](repeating: 0x5A, count: 10_000)
        try Self.write(rubbish, bench.path)
        let store = try bench.open(newCounter: 70)
        let contents = try store.load()
        #expect(contents.sessions.sessions.isEmpty && contents.restartCounter == 70)
        #expect(contents.losses.first?.contains("kept as \(bench.path).damaged-1") == true)
        #expect(try Self.octets("\(bench.path).damaged-1") == rubbish)
        try store.commit([.put(Bench.record(1), isUrgent: true)])
        store.close()
        // A second time nothing is written over the first.
        try Self.write(rubbish.reversed() + [1], bench.path)
        _ = try bench.open().load()
        #expect(try Self.octets("\(bench.path).damaged-1") == rubbish)
        #expect(try Self.octets("\(bench.path).damaged-2").count == 10_001)
    }

    /// Whatever octets are wrong: it starts, nothing that is read is wrong, and what was damaged is still there.
    @Test func damageAnywhereCostsOnlyWhatItHit() throws {
        let whole = try Self.bench(40)
        let file = try Self.octets(whole.path)
        var dice = SeededGenerator(seed: 4)
        let known = Set((1...40).map { Bench.record($0) })
        var kept: [Int] = []
        for round in 0..<40 {
            let bench = try Self.bench(1)
            var damaged = file
            if round.isMultiple(of: 4) {
                damaged.removeLast(Int.random(in: 1..<file.count - 100, using: &dice))
            } else {
                for _ in 0..<Int.random(in: 1...20, using: &dice) {
                    damaged[Int.random(in: 100..<file.count, using: &dice)] ^=
                        1 << UInt8.random(in: 0..<8, using: &dice)
                }
            }
            try Self.write(damaged, bench.path)
            let store = try bench.open(newCounter: 8)
            let contents = try store.load()
            let found = Set(contents.sessions.sessions)
            #expect(found.isSubset(of: known), "round \(round)")
            kept.append(found.count)
            if found.count < known.count {
                #expect(!contents.losses.isEmpty && contents.restartCounter != 7, "round \(round): \(contents)")
            }
            // It can be worked with.
            let prefixes = Set(found.flatMap(\.prefixes))
            let fresh = (1...40).map { Bench.record($0) }.first { prefixes.isDisjoint(with: $0.prefixes) }
            if let fresh, !contents.losses.isEmpty { try store.commit([.put(fresh, isUrgent: true)]) }
            store.close()
        }
        #expect(kept.contains { $0 > 0 && $0 < 40 }, "the damage never hit anything: this shows nothing")
    }

    @Test func aFileOfALaterVersionOrOfAnotherProgramIsNotTouched() throws {
        for (offset, value) in [(60, 99), (68, 1)] as [(Int, UInt8)] {
            let bench = try Self.bench(1)
            var file = try Self.octets(bench.path)
            // user_version and application_id in the file's header, big-endian.
            file[offset + 3] = value
            try Self.write(file, bench.path)
            let error = #expect(throws: StoreFailure.self) { try bench.open() }
            #expect(error?.kind == .foreign && error?.hint != nil)
            #expect(try Self.octets(bench.path) == file)
        }
    }

    @Test func anEmptyFileIsANewOne() throws {
        let bench = try Self.bench(1)
        try Self.write([], bench.path)
        let contents = try bench.open(newCounter: 70).load()
        #expect(contents == StoreContents(sessions: StoredSessions(start: 1), restartCounter: 70))
    }

    @Test func aDirectoryAndSomebodyElsesFileAreNotTaken() throws {
        var bench = try Bench(.sqlite)
        try FileManager.default.createDirectory(atPath: bench.path, withIntermediateDirectories: true)
        var error = #expect(throws: StoreFailure.self) { try bench.open() }
        #expect(error?.problem == "\(bench.path) is a directory")
        #expect(rmdir(bench.path) == 0)
        bench = try Self.bench(1)
        #expect(chmod(bench.path, 0o666) == 0)
        error = #expect(throws: StoreFailure.self) { try bench.open() }
        #expect(error?.problem.contains("belongs to another user") == true)
        #expect(chmod(bench.path, 0o600) == 0)
        #expect(chown(bench.path, 12345, 12345) == 0)
        error = #expect(throws: StoreFailure.self) { try bench.open() }
        #expect(error?.problem.contains("belongs to another user") == true)
    }

    @Test func twoDaemonsDoNotShareAFile() throws {
        let bench = try Self.bench(1)
        let store = try bench.open()
        let error = #expect(throws: StoreFailure.self) { try bench.open() }
        #expect(error?.problem == "another daemon keeps its bindings in \(bench.path)")
        store.close()
        _ = try bench.open()
    }

    @Test func onlyItsOwnerReadsTheFile() throws {
        let bench = try Self.bench(1)
        var status = stat()
        #expect(stat(bench.path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    }
}
