// SPDX-License-Identifier: Apache-2.0
import Forwarding
import LinuxIO
import Wire

/// How large each path is: what is configured, or less where the kernel knows better (RFC 5213 §6.9.5). Belongs to the
/// control plane's thread.
///
/// Each path is asked once by an echo request, and again whenever a router says that a packet to its end was too large:
/// what routers say of tunnels' packets the kernel does not believe, and neither do we.
final class PathSizes {
    struct Way: Equatable {
        var from: IPAddress
        var to: IPAddress
        var device: String?
    }

    private struct Entry {
        var way: Way
        /// What is configured, or the link's.
        var limit: Int
        var size: Int
        /// What the kernel says now and did not say before. It forgets after ten minutes, so this is asked for first.
        var growth: Int?
        var isProbed = false
    }

    /// Between two looks; and how many paths are looked at, or probed because somebody says so, each time.
    private static let interval: Duration = .seconds(1)
    private static let atOnce = 64
    /// What is said can be forged, so no path is made smaller than every path of IPv6 has to be.
    private static let smallest = 1280

    private let reactor: Reactor
    private let socket: TooBigSocket
    private let changed: (PathNumber) -> Void
    private var alarm: Alarm?
    private var entries: [PathNumber: Entry] = [:]
    private var paths: [IPAddress: Set<PathNumber>] = [:]
    /// Which are looked at next, the last first.
    private var next: [PathNumber] = []
    private var complaintsLeft = atOnce

    /// `changed` is told of each path whose size is another one now.
    init(on reactor: Reactor, changed: @escaping (PathNumber) -> Void) throws(SystemError) {
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

    /// Takes a path up, or what is new of it; its size as far as it is known.
    func follow(_ path: PathNumber, _ way: Way, limit: Int) -> Int {
        if let entry = entries[path], entry.way == way, entry.limit == limit { return entry.size }
        forget(path)
        entries[path] = Entry(way: way, limit: limit, size: limit)
        paths[way.to, default: []].insert(path)
        next.append(path)
        return limit
    }

    func forget(_ path: PathNumber) {
        guard let entry = entries.removeValue(forKey: path) else { return }
        paths[entry.way.to]?.remove(path)
        if paths[entry.way.to]?.isEmpty == true { paths[entry.way.to] = nil }
    }

    private func look() {
        if next.isEmpty { next = Array(entries.keys) }
        for path in next.suffix(Self.atOnce) { look(at: path) }
        next.removeLast(min(next.count, Self.atOnce))
        complaintsLeft = Self.atOnce
        alarm?.set(at: SystemClock.now() + Self.interval)
    }

    private func look(at path: PathNumber) {
        guard let entry = entries[path] else { return }
        // Without a way there is nothing to be learnt; the path's own troubles are noticed elsewhere.
        let told = try? PathSize.octets(to: entry.way.to, from: entry.way.from, device: entry.way.device)
        guard let told else { return }
        let size = min(max(told, Self.smallest), entry.limit)
        entries[path]?.growth = nil
        if size < entry.size || size == entry.growth {
            entries[path]?.size = size
            changed(path)
        } else if size > entry.size {
            entries[path]?.growth = size
        }
        guard !entry.isProbed || size > entry.size else { return }
        entries[path]?.isProbed = true
        probe(entry.way, size)
    }

    private func complain(about destinations: [IPv6Address]) {
        for path in Set(destinations).flatMap({ paths[.v6($0)] ?? [] }) where complaintsLeft > 0 {
            guard let entry = entries[path] else { continue }
            complaintsLeft -= 1
            probe(entry.way, entry.size)
            next.append(path)
        }
    }

    /// Whatever hinders it hinders the path's packets as well, or is known by now.
    private func probe(_ way: Way, _ size: Int) {
        try? PathSize.probe(size, to: way.to, from: way.from, device: way.device)
    }
}
