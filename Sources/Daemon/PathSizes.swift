// SPDX-License-Identifier: Apache-2.0
import Forwarding
import LinuxIO
import Wire

/// How large the paths are whose other end answers no probes of that (`PathSizeSearch`): what is configured, or less where
/// the kernel knows better (RFC 5213 §6.9.5). Belongs to the control plane's thread.
///
/// Each way that paths go is asked once by an echo request, and again whenever a router says that a packet to its end was
/// too large: what routers say of tunnels' packets the kernel does not believe, and neither do we.
final class PathSizes {
    /// Very many paths may go the same way.
    struct Way: Hashable {
        var from: IPAddress
        var to: IPAddress
        var device: String?
    }

    private struct Entry {
        var paths = 0
        /// What is configured, or the link's.
        var limit: Int
        var size: Int
        /// What the kernel says now and did not say before. It forgets after ten minutes, so this is asked for first.
        var growth: Int?
        var isProbed = false
    }

    /// Between two looks; and how many ways are looked at, or probed because somebody says so, each time.
    private static let interval: Duration = .seconds(1)
    private static let atOnce = 64
    /// What is said can be forged, so no way is made narrower than every one of IPv6 has to be.
    private static let smallest = 1280

    private let reactor: Reactor
    private let socket: TooBigSocket
    private let changed: (Way) -> Void
    private var alarm: Alarm?
    private var entries: [Way: Entry] = [:]
    private var ways: [IPAddress: Set<Way>] = [:]
    /// Which are looked at next, the last first.
    private var next: [Way] = []
    private var complaintsLeft = atOnce

    /// `changed` is told of each way whose size is another one now.
    init(on reactor: Reactor, changed: @escaping (Way) -> Void) throws(SystemError) {
        self.reactor = reactor
        self.changed = changed
        socket = try TooBigSocket()
        try reactor.watch(socket.fd) { [unowned self] in self.complain(about: self.socket.receive()) }
        let alarm = reactor.makeAlarm { [unowned self] in self.look() }
        self.alarm = alarm
        alarm.set(at: SystemClock.now() + Self.interval)
    }

    func stop() {
        reactor.unwatch(socket.fd)
        alarm?.cancel()
        alarm = nil
    }

    /// One path more goes this way.
    func add(_ way: Way, limit: Int) {
        if entries[way] == nil {
            entries[way] = Entry(limit: limit, size: limit)
            ways[way.to, default: []].insert(way)
            next.append(way)
        }
        entries[way]?.paths += 1
    }

    /// One path less goes this way.
    func remove(_ way: Way) {
        guard let entry = entries[way] else { return }
        guard entry.paths <= 1 else {
            entries[way]?.paths -= 1
            return
        }
        entries[way] = nil
        ways[way.to]?.remove(way)
        if ways[way.to]?.isEmpty == true { ways[way.to] = nil }
    }

    /// As far as it is known; never more than the limit, with which all begins anew when it is another one.
    func size(of way: Way, limit: Int) -> Int {
        guard let entry = entries[way] else { return limit }
        guard entry.limit != limit else { return entry.size }
        next.append(way)
        entries[way] = Entry(paths: entry.paths, limit: limit, size: limit)
        return limit
    }

    private func look() {
        if next.isEmpty { next = Array(entries.keys) }
        for way in next.suffix(Self.atOnce) { look(at: way) }
        next.removeLast(min(next.count, Self.atOnce))
        complaintsLeft = Self.atOnce
        alarm?.set(at: SystemClock.now() + Self.interval)
    }

    private func look(at way: Way) {
        guard let entry = entries[way] else { return }
        // Without a way there is nothing to be learnt; the path's own troubles are noticed elsewhere.
        let told = try? PathSize.octets(to: way.to, from: way.from, device: way.device)
        guard let told else { return }
        let size = min(max(told, Self.smallest), entry.limit)
        entries[way]?.growth = nil
        if size < entry.size || size == entry.growth {
            entries[way]?.size = size
            changed(way)
        } else if size > entry.size {
            entries[way]?.growth = size
        }
        guard !entry.isProbed || size > entry.size else { return }
        entries[way]?.isProbed = true
        probe(way, size)
    }

    private func complain(about destinations: [IPv6Address]) {
        for way in Set(destinations).flatMap({ ways[.v6($0)] ?? [] }) where complaintsLeft > 0 {
            guard let entry = entries[way] else { continue }
            complaintsLeft -= 1
            probe(way, entry.size)
            next.append(way)
        }
    }

    /// Whatever hinders it hinders the path's packets as well, or is known by now.
    private func probe(_ way: Way, _ size: Int) {
        try? PathSize.probe(size, to: way.to, from: way.from, device: way.device)
    }
}
