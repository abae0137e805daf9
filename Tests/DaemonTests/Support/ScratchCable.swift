// SPDX-License-Identifier: Apache-2.0
import Glibc
import Lab
import LinuxIO
import Synchronization
import Testing

/// Two network namespaces joined by a cable whose ends are called `near` and `far`: 2001:db8:1::1 and ::2, 192.0.2.1
/// and .2. They go away after the test.
struct ScratchCable: Sendable {
    private static let counter = Atomic<Int>(0)

    let near: LabNamespace
    let far: LabNamespace

    static func with(_ test: (ScratchCable) async throws -> Void) async throws {
        let number = counter.add(1, ordering: .relaxed).newValue
        let name = "plait-daemon-\(getpid())-\(number)"
        let cable = ScratchCable(near: LabNamespace("\(name)-near"), far: LabNamespace("\(name)-far"))
        do {
            try await cable.lay()
            try await test(cable)
        } catch {
            await cable.remove()
            throw error
        }
        await cable.remove()
    }

    private func lay() async throws {
        for namespace in [near, far] { try await namespace.create() }
        try await VirtualCable(one: .init(near, "near"), other: .init(far, "far")).lay()
        for (namespace, link, host) in [(near, "near", 1), (far, "far", 2)] {
            try await namespace.ip("address add 2001:db8:1::\(host)/64 dev \(link) nodad")
            try await namespace.ip("address add 192.0.2.\(host)/24 dev \(link)")
            try await namespace.settle()
        }
    }

    private func remove() async {
        for namespace in [near, far] { _ = try? await Command.attempt(["ip", "netns", "delete", namespace.name]) }
    }
}

extension LabNamespace {
    /// Runs the body on a thread inside.
    func enter<Value>(_ body: @escaping @Sendable () throws -> sending Value) throws -> sending Value {
        try NetworkNamespace(named: name).run(body)
    }

    /// A reactor whose thread is inside.
    func reactor() throws -> Reactor {
        try enter {
            let reactor = try Reactor(name: "test")
            try reactor.start()
            return reactor
        }
    }

    /// Everything that a daemon could leave behind, once the kernel is done with the addresses that it was given.
    func imprint() async throws -> String {
        try await settle()
        var text = ""
        for words in ["-4 rule", "-6 rule", "-4 route show table all", "-6 route show table all", "address"] {
            text += try await ip(words)
        }
        return text
    }

    /// Expects the imprint of before.
    func leavesNothing(since before: String, at place: SourceLocation = #_sourceLocation) async throws {
        let (old, new) = (before.split(separator: "\n"), try await imprint().split(separator: "\n"))
        let changes = new.difference(from: old).map { change in
            switch change {
            case .insert(_, let line, _): "+ \(line)"
            case .remove(_, let line, _): "- \(line)"
            }
        }
        #expect(changes.isEmpty, "\(changes)", sourceLocation: place)
    }
}
