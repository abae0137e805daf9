// SPDX-License-Identifier: Apache-2.0
import Daemon
import Mobility
import Testbed
import Wire

/// Both kinds of store, each with something that outlives it.
enum StoreKind: CaseIterable, Sendable { case memory, sqlite }

final class StoreBench {
    let kind: StoreKind
    private let memory = MemoryStore.Memory()
    private let folder: ScratchFolder

    init(_ kind: StoreKind) throws {
        self.kind = kind
        folder = try ScratchFolder()
    }

    var path: String { "\(folder.path)/lma.sqlite" }

    /// The store of another life.
    func open(newCounter: UInt32 = 7) throws(StoreFailure) -> any BindingStore {
        switch kind {
        case .memory: MemoryStore(memory, newCounter: newCounter)
        case .sqlite: try SQLiteStore(path: path, newCounter: newCounter)
        }
    }

    static func node(_ number: Int) -> NodeIdentifier { NodeIdentifier(nai: "cpe\(number)@example.net") }

    /// A session like any other, with a prefix and a key of its own.
    static func record(_ number: Int, session: UInt32 = 0) -> SessionRecord {
        let registered = ExampleDomain.registered().atAnchor.records.values.first
        guard var record = registered else { preconditionFailure("the example registers nothing") }
        record.identifier = SessionIdentifier(mobileNode: node(number), number: session)
        record.homeNetworkPrefixes = [ExampleDomain.prefix("2001:db8:1234:\(String(number, radix: 16))::/64")]
        record.delegatedPrefixes = [ExampleDomain.prefix("10.64.\(number).0/24")]
        record.homeAddress = IPv4Address(0x0A09_0000 + UInt32(number))
        record.uplinkKey = UInt32(1000 + number)
        return record
    }
}
