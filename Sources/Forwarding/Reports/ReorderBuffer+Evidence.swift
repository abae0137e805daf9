// SPDX-License-Identifier: Apache-2.0
import Wire

/// What reports make of missing numbers: they are known to be lost long before a time-out, and may come again.
extension ReorderBuffer {
    /// The peer reports from now on, or does not any more: the buffer has another size.
    mutating func follow(reports: Bool, into burst: inout Burst) {
        guard reports != isReported else { return }
        flush(into: &burst)
        isReported = reports
        announced = nil
        ring = []
        if hasBegun { begin(at: expected) }
    }

    /// The peer's next number, before anybody else has said one. What waits by numbers that a packet had is not held up by that: it
    /// may be out of all proportion to this one.
    mutating func expect(_ next: UInt32, into burst: inout Burst) {
        flush(into: &burst)
        begin(at: next)
    }

    /// Longer than between two reports: after that one means nothing.
    private static let announcementTime = Duration.milliseconds(300)

    /// Whether the peer may have sent the number lately, by its report: nobody else could have made that.
    func isPlausible(_ sequence: UInt32, at now: Instant) -> Bool {
        guard let announced, now - announced.at < Self.announcementTime else { return true }
        return Self.distance(from: announced.next, to: sequence).magnitude <= UInt(capacity)
    }

    /// The peer has sent nothing beyond the number: what waits there is forged.
    mutating func forget(beyond newest: UInt32, arena: inout PacketArena) {
        var left = waiting
        var number = expected
        while left > 0 {
            let place = place(of: number)
            if ring[place].isOccupied {
                left -= 1
                if Self.distance(from: newest, to: number) > 0 { forget(place, arena: &arena) }
            }
            number &+= 1
        }
    }

    private mutating func forget(_ place: Int, arena: inout PacketArena) {
        ring[place].isOccupied = false
        ring[place].arrival = .never
        waiting -= 1
        if ring[place].isDelivered { ahead -= 1 } else { arena.release(ring[place].slot) }
        counters.stale &+= 1
    }

    /// Every path that is heard is past the number: what is missing before it is lost. true: that is news of a packet. It
    /// is waited for as long as sending it again takes.
    mutating func prove(before sequence: UInt32, at now: Instant, into burst: inout Burst) -> Bool {
        let distance = Self.distance(from: expected, to: sequence)
        guard distance > 0 else { return false }
        guard distance < capacity else {
            takeUp(at: sequence, into: &burst)
            return true
        }
        guard repairTime != nil else {
            giveUp(before: sequence, into: &burst)
            return true
        }
        makeRoom()
        var number = Self.distance(from: expected, to: proven) > 0 ? proven : expected
        var isNews = false
        while Self.distance(from: number, to: sequence) > 0 {
            let place = place(of: number)
            if !ring[place].isOccupied {
                ring[place].arrival = now
                isNews = true
            }
            number &+= 1
        }
        proven = number
        return isNews
    }

    /// One that was known to be lost is there after all.
    mutating func noteRepair(_ sequence: UInt32) {
        if Self.distance(from: sequence, to: proven) > 0, !ring.isEmpty, !ring[place(of: sequence)].isOccupied {
            counters.repaired &+= 1
        }
    }

    /// When the first of the missing is given up, which is known to be lost; nil: it is not.
    var repairDeadline: Instant? {
        guard let repairTime, Self.distance(from: expected, to: proven) > 0, !ring.isEmpty else { return nil }
        return ring[place(of: expected)].arrival + repairTime
    }

    /// Those that should have come again by now will not.
    mutating func releaseUnrepaired(at now: Instant, into burst: inout Burst) {
        while let deadline = repairDeadline, deadline <= now { giveUp(before: expected &+ 1, into: &burst) }
    }

    /// The peer numbers from there on: what waits goes out, in order.
    mutating func takeUp(at sequence: UInt32, into burst: inout Burst) {
        let distance = Self.distance(from: expected, to: sequence)
        // A near jump ahead is a burst of loss: what was skipped may still come.
        guard distance > 0, distance <= 4 * capacity else { return resynchronise(at: sequence, into: &burst) }
        giveUp(before: sequence, into: &burst)
    }

    /// From the number expected on: how many are missing, how many are there, and so on in turn. true: there is more.
    func runs(atMost limit: Int) -> (runs: [UInt16], isCut: Bool) {
        var runs: [UInt16] = []
        var (left, number) = (waiting, expected)
        var (isThere, length) = (false, UInt16(0))
        while left > 0 {
            let isOccupied = ring[place(of: number)].isOccupied
            if isOccupied != isThere {
                guard runs.count < limit, length > 0 else { return (runs, true) }
                runs.append(length)
                (isThere, length) = (isOccupied, 0)
            }
            length += 1
            if isOccupied { left -= 1 }
            number &+= 1
        }
        if length > 0 {
            guard runs.count < limit else { return (runs, true) }
            runs.append(length)
        }
        return (runs, false)
    }
}
