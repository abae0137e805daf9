// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// Waits for readable descriptors or for an instant, to some ten microseconds: epoll, and a timer
/// descriptor because the time-outs of epoll_wait(2) are whole milliseconds.
///
/// Owned by one thread.
package final class PrecisePoller {
    private static let capacity = 32
    private static let timerTag = UInt64.max

    private let poll: Int32
    private let timer: Int32
    private let events: UnsafeMutablePointer<epoll_event>
    private var armed = Instant.never

    /// The tags given to `add` of what was readable when `wait` returned.
    package private(set) var ready: [UInt32] = []

    package init() throws(SystemError) {
        poll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard poll >= 0 else { throw SystemError(call: "epoll_create1", subject: "") }
        timer = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC | TFD_NONBLOCK))
        guard timer >= 0 else {
            let number = Glibc.errno
            close(poll)
            throw SystemError(call: "timerfd_create", errno: number, subject: "")
        }
        events = .allocate(capacity: Self.capacity)
        events.initialize(repeating: epoll_event(), count: Self.capacity)
        ready.reserveCapacity(Self.capacity)
        try register(timer, Self.timerTag)
    }

    deinit {
        close(timer)
        close(poll)
        events.deallocate()
    }

    /// The clock of `wait`.
    package static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// Watches a descriptor until it is closed.
    package func add(_ descriptor: Int32, tag: UInt32) throws(SystemError) { try register(descriptor, UInt64(tag)) }

    private func register(_ descriptor: Int32, _ tag: UInt64) throws(SystemError) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = tag
        guard epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
            throw SystemError(call: "epoll_ctl", subject: "descriptor \(descriptor)")
        }
    }

    /// Waits until something is readable or the deadline has passed.
    package func wait(until deadline: Instant) {
        if deadline != armed { arm(deadline) }
        ready.removeAll(keepingCapacity: true)
        let count = Int(epoll_wait(poll, events, Int32(Self.capacity), -1))
        guard count > 0 else { return }
        for position in 0..<count {
            let tag = events[position].data.u64
            // An expired timer stays readable until it is armed anew.
            if tag == Self.timerTag { arm(.never) } else { ready.append(UInt32(truncatingIfNeeded: tag)) }
        }
    }

    private func arm(_ deadline: Instant) {
        var time = itimerspec()
        if deadline != .never {
            // Zero would disarm it; an instant in the past fires at once.
            let nanoseconds = max(1, deadline.nanoseconds)
            time.it_value.tv_sec = Int(nanoseconds / 1_000_000_000)
            time.it_value.tv_nsec = Int(nanoseconds % 1_000_000_000)
        }
        timerfd_settime(timer, Int32(TFD_TIMER_ABSTIME), &time, nil)
        armed = deadline
    }
}
