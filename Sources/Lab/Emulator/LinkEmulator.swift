// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Wire

/// Joins two interfaces by an emulated line, both directions. Owned by the emulator's thread.
final class LinkEmulator {
    /// An Ethernet header, which rates do not count.
    private static let frameHeaderOctets = 14

    private struct Lane {
        var direction: EmulatedDirection
        var underWay = DepartureQueue()
    }

    let name: String
    private let arena: FrameArena
    private let near: PacketSocket
    private let far: PacketSocket
    private var up: Lane
    private var down: Lane

    /// Opens the two interfaces in the thread's network namespace.
    init(_ link: EmulatedLink, seed: UInt64, arena: FrameArena) throws(SystemError) {
        name = link.name
        self.arena = arena
        near = try PacketSocket(interface: link.near, arena: arena)
        far = try PacketSocket(interface: link.far, arena: arena)
        up = Lane(direction: EmulatedDirection(LinkSettings(), seed: seed))
        down = Lane(direction: EmulatedDirection(LinkSettings(), seed: seed &+ 1))
    }

    func descriptor(feeding direction: LinkDirection) -> Int32 {
        direction == .up ? near.descriptor : far.descriptor
    }

    func settings(_ direction: LinkDirection) -> LinkSettings {
        direction == .up ? up.direction.settings : down.direction.settings
    }

    func change(_ direction: LinkDirection, to settings: LinkSettings) {
        if direction == .up { up.direction.settings = settings } else { down.direction.settings = settings }
    }

    func counters(_ direction: LinkDirection) -> LinkCounters {
        direction == .up ? up.direction.counters : down.direction.counters
    }

    /// Frames that the emulator itself could not keep: no room, or an interface that was down.
    var failures: Int { near.overflowed + far.overflowed + near.refused + far.refused }

    /// Takes what has come for a direction.
    func receive(_ direction: LinkDirection) {
        if direction == .up { receive(from: near, &up) } else { receive(from: far, &down) }
    }

    private func receive(from socket: PacketSocket, _ lane: inout Lane) {
        let now = PrecisePoller.now
        _ = socket.receive { slot, octets in
            switch lane.direction.offer(octets: max(0, octets - Self.frameHeaderOctets), at: now) {
            case .departs(let departure):
                lane.underWay.insert(.init(departure: departure, slot: slot, octets: Int32(octets)))
            case .dropped:
                arena.giveBack(slot)
            }
        }
    }

    /// Sends what is due in both directions; returns when the next frame will be.
    func send(dueBy now: Instant) -> Instant {
        send(&up, through: far, dueBy: now)
        send(&down, through: near, dueBy: now)
        return min(up.underWay.nextDeparture, down.underWay.nextDeparture)
    }

    private func send(_ lane: inout Lane, through socket: PacketSocket, dueBy now: Instant) {
        guard lane.underWay.nextDeparture <= now else { return }
        while let frame = lane.underWay.popFirst(dueBy: now) { socket.stage(frame.slot, octets: Int(frame.octets)) }
        socket.flush()
    }
}
