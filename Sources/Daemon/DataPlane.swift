// SPDX-License-Identifier: Apache-2.0
import Forwarding
import LinuxIO
import Logging
import Mobility
import Wire

/// The control plane's side of the worker: translates what engines want forwarded into the forwarder's commands, and
/// the forwarder's numbers back into names. Belongs to the control plane's thread.
final class DataPlane {
    /// What the engine does not know of a path: it is the machine's business, or the operator's.
    struct Placement {
        /// The link whose sockets carry the path; nil where any may.
        var device: String?
        /// Of the outer packets, in octets.
        var mtu: Int
        /// Bits per second, in the own sending direction; nil if nobody configured one.
        var rate: Int64?
    }

    private struct Session {
        let number: SessionNumber
        /// nil for a session without probes.
        var probeKey: SipKey?
        var hasReports = false
        var hasSizeProbes = false
        var paths: [Path] = []

        /// The path, if it was there.
        mutating func remove(_ binding: BindingIdentifier?) -> Path? {
            index(of: binding).map { paths.remove(at: $0) }
        }

        func index(of binding: BindingIdentifier?) -> Int? {
            paths.firstIndex { $0.description.identifier.binding == binding }
        }
    }

    private struct Path {
        let number: PathNumber
        var description: PathDescription
        /// By which its size is followed; nil: the forwarder asks its other end, which is better.
        var way: PathSizes.Way?
    }

    /// The clock on the wall, as it was at our start: it goes on where the machine's own begins anew.
    private static let clockAhead: Duration =
        SystemClock.timestamp().distance(to: Timestamp(value: 0)) - (SystemClock.now() - .zero)

    private let worker: Worker
    private let distribution: Distribution
    private let place: (PathDescription) -> Placement
    private let role: Role
    private var sessions: [SessionIdentifier: Session] = [:]
    private var sessionNames: [SessionNumber: SessionIdentifier] = [:]
    private var pathNames: [PathNumber: PathIdentifier] = [:]
    /// Numbers are never given twice.
    private var lastNumber: Int32 = 0
    private var sizes: PathSizes?

    init(
        _ worker: Worker,
        role: Role,
        distribution: Distribution,
        place: @escaping (PathDescription) -> Placement
    ) {
        self.worker = worker
        self.role = role
        self.distribution = distribution
        self.place = place
    }

    /// Makes room for what is to be restored.
    func reserveCapacity(for stored: StoredSessions) {
        sessions.reserveCapacity(stored.sessions.count)
        sessionNames.reserveCapacity(stored.sessions.count)
        pathNames.reserveCapacity(stored.sessions.reduce(0) { $0 + $1.legs.count })
    }

    func perform(_ change: SessionChange) {
        switch change {
        case .install(let session): install(session)
        case .installPath(let path): install(path)
        case .removePath(let path):
            if let path = sessions[path.session]?.remove(path.binding) { remove(path) }
        case .remove(let session):
            guard let carried = sessions.removeValue(forKey: session) else { return }
            for path in carried.paths { remove(path) }
            sessionNames[carried.number] = nil
            worker.post(.forward(.removeSession(carried.number)))
        }
    }

    func identifier(of path: PathNumber) -> PathIdentifier? { pathNames[path] }
    func identifier(of session: SessionNumber) -> SessionIdentifier? { sessionNames[session] }

    /// By the names of the access networks that carry the paths.
    func byWAN<Value>(_ values: [PathNumber: Value]) -> [String: Value] {
        var named: [String: Value] = [:]
        for session in sessions.values {
            for path in session.paths {
                if let wan = path.description.wan, let value = values[path.number] { named[wan] = value }
            }
        }
        return named
    }

    /// An address translator on the way has changed its mind, and the path goes on through it.
    func log(_ path: PathNumber, movedTo remote: IPAddress, port: UInt16, with logger: Logger) {
        guard let name = identifier(of: path) else { return }
        let end = remote.isIPv4 ? "\(remote):\(port)" : "[\(remote)]:\(port)"
        logger.info("the path \(name) now goes to \(end)")
    }

    /// Where ICMP errors that the forwarder makes for hosts come from.
    func setICMPSources(_ ipv6: IPv6Address?, _ ipv4: IPv4Address?) { worker.post(.setICMPSources(ipv6, ipv4)) }

    private func parameters(of session: SessionDescription) -> SessionParameters {
        let isGateway = role == .gateway
        return SessionParameters(
            prefixes: session.prefixes,
            sendKey: isGateway ? session.uplinkKey : session.downlinkKey,
            receiveKey: isGateway ? session.downlinkKey : session.uplinkKey,
            distribution: distribution,
            firstSequence: session.firstSequence,
            sender: session.sender,
            rules: session.rules
        )
    }

    /// Installs paths anew, because what they were placed by has changed: a link's MTU.
    func replacePaths() { for session in sessions.values { replacePaths(of: session) } }

    private func replacePaths(of session: Session) {
        for path in session.paths { install(path, of: session) }
    }

    /// No path is taken to be larger than the kernel knows it to be (RFC 5213 §6.9.5). To be called before there is one.
    func followSizes(on reactor: Reactor) throws(SystemError) {
        sizes = try PathSizes(on: reactor) { [unowned self] way in
            // Seldom, so that nobody keeps a list of them.
            for session in self.sessions.values {
                for path in session.paths where path.way == way { self.install(path, of: session) }
            }
        }
    }

    func stopFollowingSizes() {
        sizes?.stop()
        sizes = nil
    }

    private func install(_ description: SessionDescription) {
        let name = description.identifier
        let known = sessions[name]
        var session = known ?? Session(number: SessionNumber(rawValue: nextNumber()), probeKey: nil)
        session.probeKey = description.probeKey
        session.hasReports = description.hasReports
        session.hasSizeProbes = description.hasSizeProbes
        sessions[name] = session
        if known == nil { sessionNames[session.number] = name }
        worker.post(.forward(.installSession(session.number, parameters(of: description))))
        // Its paths stay, but prove themselves by the new key from now on.
        if let known,
            known.probeKey != session.probeKey || known.hasReports != session.hasReports
                || known.hasSizeProbes != session.hasSizeProbes
        {
            for path in session.paths { install(path.description) }
        }
    }

    private func install(_ description: PathDescription) {
        // In its place: who copies a session copies its paths.
        guard let index = sessions.index(forKey: description.identifier.session) else { return }
        let placement = place(description)
        let way = way(of: description, in: sessions.values[index], device: placement.device)
        let path: Path
        if let known = sessions.values[index].index(of: description.identifier.binding) {
            let old = sessions.values[index].paths[known]
            path = Path(number: old.number, description: description, way: way)
            sessions.values[index].paths[known] = path
            if old.way != way {
                if let way { sizes?.add(way, limit: placement.mtu) }
                if let way = old.way { sizes?.remove(way) }
            }
        } else {
            path = Path(number: PathNumber(rawValue: nextNumber()), description: description, way: way)
            sessions.values[index].paths.append(path)
            pathNames[path.number] = description.identifier
            if let way { sizes?.add(way, limit: placement.mtu) }
        }
        install(path, of: sessions.values[index])
    }

    private func way(of path: PathDescription, in session: Session, device: String?) -> PathSizes.Way? {
        guard !session.hasSizeProbes else { return nil }
        return PathSizes.Way(from: path.localAddress, to: path.remoteAddress, device: device)
    }

    private func install(_ path: Path, of session: Session) {
        let description = path.description
        let placement = place(description)
        var metrics = description.metrics
        // A gateway measures what it receives, and that does not make doubtful what is known of the other direction.
        if role == .gateway { metrics.isMeasured = false }
        let parameters = PathParameters(
            session: session.number,
            local: description.localAddress,
            remote: description.remoteAddress,
            encapsulation: Encapsulation(description.encapsulation),
            mtu: path.way.flatMap { sizes?.size(of: $0, limit: placement.mtu) } ?? placement.mtu,
            rate: placement.rate,
            bindingIdentifier: description.identifier.binding?.rawValue ?? 0,
            probeKey: session.probeKey,
            hasReports: session.hasReports,
            hasSizeProbes: session.hasSizeProbes,
            // The translator stands on the gateway's side (RFC 5844 §4.3).
            keepalive: role == .gateway ? description.keepalive : nil,
            probeClockAhead: Self.clockAhead,
            label: description.interfaceLabel,
            metrics: metrics
        )
        worker.post(.installPath(path.number, parameters, device: placement.device))
    }

    private func remove(_ path: Path) {
        if let way = path.way { sizes?.remove(way) }
        pathNames[path.number] = nil
        worker.post(.removePath(path.number))
    }

    private func nextNumber() -> Int32 {
        lastNumber &+= 1
        return lastNumber
    }
}

extension Encapsulation {
    fileprivate init(_ encapsulation: TunnelEncapsulation) {
        switch encapsulation {
        case .ipInIP: self = .ipInIP
        case .gre: self = .gre
        case .udp: self = .udp
        case .udpTLV: self = .udpTLV
        case .udpTLVGRE: self = .udpTLVGRE
        }
    }
}
