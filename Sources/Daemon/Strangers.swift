// SPDX-License-Identifier: Apache-2.0
package import Mobility

/// Messages of senders that the engine does not know, waiting until those of known ones are served. Bounded: who comes
/// when it is full is turned away.
package struct Strangers {
    /// Of the greatest messages some four megabytes.
    package static let most = 2048

    private var waiting: [Datagram] = []
    private var served = 0

    package init() {}

    package var isEmpty: Bool { served == waiting.count }

    /// Whether there is room for it.
    package mutating func add(_ datagram: Datagram) -> Bool {
        guard waiting.count - served < Self.most else { return false }
        waiting.append(datagram)
        return true
    }

    /// The first of them, at most so many.
    package mutating func next(_ count: Int) -> [Datagram] {
        let next = Array(waiting[served...].prefix(count))
        served += next.count
        // Cheap, as it is done once for many.
        if served >= Self.most || isEmpty {
            waiting.removeFirst(served)
            served = 0
        }
        return next
    }
}
