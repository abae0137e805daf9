// SPDX-License-Identifier: Apache-2.0
package import Mobility

/// Messages of senders that the engine does not know, waiting until those of known ones are served.
///
/// Senders are dealt to queues by a secret of this process, and the queues are served in turn. Together they are bounded:
/// when they are full the longest loses its newest message. So who sends much waits behind himself, and not before others.
package struct Strangers {
    /// Of the greatest messages some four megabytes.
    package static let most = 2048
    private static let queueCount = 64

    private var queues = Array(repeating: Queue(), count: queueCount)
    private var count = 0
    /// The queue that is served next.
    private var turn = 0

    package init() {}

    package var isEmpty: Bool { count == 0 }

    /// Takes one in; gives back the one for which there is no room, which may be another sender's.
    package mutating func add(_ datagram: Datagram) -> Datagram? {
        queues[queue(of: datagram)].append(datagram)
        count += 1
        guard count > Self.most else { return nil }
        count -= 1
        let longest = queues.indices.max { queues[$0].count < queues[$1].count }
        return longest.flatMap { queues[$0].removeLast() }
    }

    /// The next ones, at most so many, one of each queue in turn.
    package mutating func next(_ most: Int) -> [Datagram] {
        var next: [Datagram] = []
        while next.count < most, count > 0 {
            if let datagram = queues[turn].removeFirst() {
                next.append(datagram)
                count -= 1
            }
            turn = (turn + 1) % Self.queueCount
        }
        return next
    }

    /// All that wait of this one's sender: who has become known meanwhile must not overtake himself.
    package mutating func next(before datagram: Datagram) -> [Datagram] {
        guard count > 0 else { return [] }
        let next = queues[queue(of: datagram)].removeAll { $0.isOfSameSender(as: datagram) }
        count -= next.count
        return next
    }

    private func queue(of datagram: Datagram) -> Int {
        // Seeded anew in each process: nobody can choose his port so as to stand in another's queue.
        var hasher = Hasher()
        hasher.combine(datagram.source)
        hasher.combine(datagram.ports)
        return Int(UInt(bitPattern: hasher.finalize()) % UInt(Self.queueCount))
    }

    private struct Queue {
        private var waiting: [Datagram] = []
        private var served = 0

        var count: Int { waiting.count - served }

        mutating func append(_ datagram: Datagram) { waiting.append(datagram) }

        mutating func removeLast() -> Datagram? { count > 0 ? waiting.removeLast() : nil }

        mutating func removeFirst() -> Datagram? {
            guard count > 0 else { return nil }
            let first = waiting[served]
            served += 1
            // Cheap, as it moves no more than were served; and the served ones' memory is never more than that of those who wait.
            if 2 * served >= waiting.count {
                waiting.removeFirst(served)
                served = 0
            }
            return first
        }

        mutating func removeAll(where isMeant: (Datagram) -> Bool) -> [Datagram] {
            let meant = waiting[served...].filter(isMeant)
            guard !meant.isEmpty else { return [] }
            waiting = waiting[served...].filter { !isMeant($0) }
            served = 0
            return meant
        }
    }
}

extension Datagram {
    fileprivate func isOfSameSender(as other: Datagram) -> Bool { source == other.source && ports == other.ports }
}
