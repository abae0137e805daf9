// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
import Wire

/// The emulator's thread: moves the frames of all links, and answers on a local socket.
///
/// Requests and answers are one message of text each; see `EmulatorRequest`.
///
/// Its own floor, in release on one core of a two-core virtual machine that was busy otherwise: packets of 1500 octets
/// at 10, 100 and 300 Mbit/s in one direction take 4, 15 and 39 % of the core without a loss, and one TCP connection
/// gets 1.1 Gbit/s through a line without a rate. A set rate is met within 0.02 %, a delay within 0.15 ms.
package final class EmulatorLoop {
    /// Frames under way in all links together: 50 ms of queue and 100 ms of delay at 400 Mbit/s, with room.
    private static let slots = 16384
    private static let listenerTag = UInt32.max
    private static let clientTags: UInt32 = 1 << 16

    private let poller: PrecisePoller
    private let listener: LocalSocket
    private var links: [LinkEmulator] = []
    private var clients: [UInt32: Client] = [:]
    private var isStopped = false

    private final class Client {
        let socket: LocalSocket
        init(_ socket: consuming LocalSocket) { self.socket = socket }
    }

    /// Moves the calling thread to the namespace and opens everything.
    package init(namespace: String, links: [EmulatedLink], socket: String, seed: UInt64) throws(SystemError) {
        try NetworkNamespace(named: namespace).enter()
        // Without it other work on the machine would show as delay; where it is not allowed, it does.
        _ = SystemThread.preferOverOrdinaryThreads()
        let arena = FrameArena(slots: Self.slots)
        poller = try PrecisePoller()
        for (position, link) in links.enumerated() {
            let emulator = try LinkEmulator(link, seed: seed &+ UInt64(position) &* 2, arena: arena)
            self.links.append(emulator)
            try poller.add(emulator.descriptor(feeding: .up), tag: UInt32(position * 2))
            try poller.add(emulator.descriptor(feeding: .down), tag: UInt32(position * 2 + 1))
        }
        listener = try LocalSocket.listening(at: socket)
        try poller.add(listener.descriptor, tag: Self.listenerTag)
    }

    /// Runs until a client asks it to stop.
    package func run() {
        while !isStopped {
            let now = PrecisePoller.now
            var next = Instant.never
            for link in links { next = min(next, link.send(dueBy: now)) }
            poller.wait(until: next)
            for tag in poller.ready { serve(tag) }
        }
    }

    private func serve(_ tag: UInt32) {
        if tag == Self.listenerTag {
            accept()
        } else if tag >= Self.clientTags {
            answer(tag)
        } else {
            links[Int(tag / 2)].receive(tag % 2 == 0 ? .up : .down)
        }
    }

    private func accept() {
        guard let socket = listener.accept() else { return }
        let tag = Self.clientTags + UInt32(socket.descriptor)
        let client = Client(socket)
        do throws(SystemError) {
            try poller.add(client.socket.descriptor, tag: tag)
            clients[tag] = client
        } catch {
            // The client sees its connection close.
        }
    }

    private func answer(_ tag: UInt32) {
        guard let client = clients[tag] else { return }
        do throws(SystemError) {
            let request = try client.socket.receive()
            guard !request.isEmpty else {
                clients[tag] = nil
                return
            }
            try client.socket.send(answer(to: request))
        } catch {
            clients[tag] = nil
        }
    }

    private func answer(to text: String) -> String {
        do throws(SettingError) {
            switch try EmulatorRequest(text) {
            case .status: return "ok\n" + links.map(Self.status).joined()
            case .stop:
                isStopped = true
                return "ok"
            case .change(let name, let directions, let changes):
                guard let link = links.first(where: { $0.name == name }) else {
                    throw SettingError(key: "link", value: name, expected: links.map(\.name).joined(separator: " or "))
                }
                for direction in directions {
                    link.change(direction, to: changes.applied(to: link.settings(direction)))
                }
                return "ok"
            }
        } catch {
            return "error \(error)"
        }
    }

    private static func status(_ link: LinkEmulator) -> String {
        LinkDirection.allCases.map { direction in
            let status = LinkStatus(
                name: link.name,
                direction: direction,
                settings: link.settings(direction),
                counters: link.counters(direction),
                failures: link.failures
            )
            return status.line + "\n"
        }.joined()
    }
}
