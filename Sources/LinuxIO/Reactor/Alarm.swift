// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Calls a handler on its reactor's thread once the set moment has come. Belongs to that thread.
package final class Alarm {
    private let reactor: Reactor
    private let handler: () -> Void
    /// When the handler is called next; nil if it is not.
    package private(set) var deadline: Instant?
    /// Among equal deadlines, the one set first goes first.
    private(set) var order: UInt64 = 0

    init(reactor: Reactor, handler: @escaping () -> Void) {
        self.reactor = reactor
        self.handler = handler
    }

    /// Replaces the deadline; one in the past rings as soon as the thread gets to it, nil never rings.
    package func set(at deadline: Instant?) {
        reactor.assertOwned()
        guard deadline != self.deadline else { return }
        self.deadline = deadline == .never ? nil : deadline
        order = reactor.nextAlarmOrder()
    }

    /// Takes the alarm off the reactor for good, and with it what the handler holds.
    package func cancel() {
        deadline = nil
        reactor.remove(self)
    }

    /// Calls the handler, which may set the alarm again.
    func ring() {
        deadline = nil
        handler()
    }
}
