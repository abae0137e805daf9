// SPDX-License-Identifier: Apache-2.0

/// What other threads want done on a reactor's thread, oldest first.
struct Mailbox {
    enum Letter {
        /// A piece of an actor that is pinned to the reactor.
        case job(UnownedJob)
        case errand(@Sendable () -> Void)
    }

    private(set) var letters: [Letter] = []

    /// Whether the thread must be woken: the box was empty, so nobody has rung yet.
    mutating func add(_ letter: consuming Letter) -> Bool {
        letters.append(letter)
        return letters.count == 1
    }

    /// Empties the box into an array whose storage is used for the next letters.
    mutating func empty(into others: inout [Letter]) {
        others.removeAll(keepingCapacity: true)
        swap(&letters, &others)
    }
}
