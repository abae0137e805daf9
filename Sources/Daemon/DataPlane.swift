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

    /// The clock on the wall, as it was at our start: it goes on where the machine's own begins anew.
    private static let clockAhead: Duration =
        SystemClock.timestamp().distance(to: Timestamp(value: 0)) - (SystemClock.now() - .zero)

    private let worker: Worker
    private let distribution: Distribution
    private let place: (PathDescription) -> Placement
    private let role: Role
    private var sessions = Numbering<SessionIdentifier>()
    private var paths = Numbering<PathIdentifier>()
    /// nil for a session without probes.
    private var sessionKeys: [SessionIdentifier: SipKey?] = [:]
    /// The paths of each session: one that ends must not be looked for among everybody's.
    private var descriptions: [SessionIdentifier: [PathDescription]] = [:]
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

    func perform(_ change: SessionChange) {
        switch change {
        case .install(let session):
            let number = SessionNumber(rawValue: sessions.number(of: session.identifier))
            let oldKey = sessionKeys.updateValue(session.probeKey, forKey: session.identifier)
            post(.forward(.installSession(number, parameters(of: session))))
            // Its paths stay, but prove themselves by the new key from now on.
            if let oldKey, oldKey != session.probeKey { replacePaths(of: session.identifier) }
        case .installPath(let path): install(path)
        case .removePath(let path):
            descriptions[path.session]?.removeAll { $0.identifier == path }
            remove(path)
        case .remove(let session):
            for path in descriptions.removeValue(forKey: session) ?? [] { remove(path.identifier) }
            sessionKeys[session] = nil
            guard let number = sessions.remove(session) else { return }
            post(.forward(.removeSession(SessionNumber(rawValue: number))))
        }
    }

    func identifier(of path: PathNumber) -> PathIdentifier? { paths.name(of: path.rawValue) }
    func identifier(of session: SessionNumber) -> SessionIdentifier? { sessions.name(of: session.rawValue) }

    /// An address translator on the way has changed its mind, and the path goes on through it.
    func log(_ path: PathNumber, movedTo remote: IPAddress, port: UInt16, with logger: Logger) {
        guard let name = identifier(of: path) else { return }
        let end = remote.isIPv4 ? "\(remote):\(port)" : "[\(remote)]:\(port)"
        logger.info("the path \(name) now goes to \(end)")
    }

    /// Where ICMP errors that the forwarder makes for hosts come from.
    func setICMPSources(_ ipv6: IPv6Address?, _ ipv4: IPv4Address?) { post(.setICMPSources(ipv6, ipv4)) }

    private func parameters(of session: SessionDescription) -> SessionParameters {
        let isGateway = role == .gateway
        return SessionParameters(
            prefixes: session.prefixes,
            sendKey: isGateway ? session.uplinkKey : session.downlinkKey,
            receiveKey: isGateway ? session.downlinkKey : session.uplinkKey,
            distribution: distribution,
            firstSequence: session.firstSequence
        )
    }

    /// Installs paths anew, because what they were placed by has changed: a link's MTU, a session's key.
    func replacePaths() { for session in descriptions.keys { replacePaths(of: session) } }

    private func replacePaths(of session: SessionIdentifier) {
        for path in descriptions[session] ?? [] { install(path) }
    }

    private func remove(_ path: PathIdentifier) {
        sizes?.forget(path)
        guard let number = paths.remove(path) else { return }
        post(.removePath(PathNumber(rawValue: number)))
    }

    /// From now on no path is taken to be larger than the kernel knows it to be (RFC 5213 §6.9.5).
    func followSizes(on reactor: Reactor) throws(SystemError) {
        sizes = try PathSizes(on: reactor) { [unowned self] path in
            let description = self.descriptions[path.session]?.first { $0.identifier == path }
            if let description { self.install(description) }
        }
    }

    func stopFollowingSizes() {
        sizes?.stop()
        sizes = nil
    }

    private func install(_ path: PathDescription) {
        guard let session = sessions.existing(path.identifier.session) else { return }
        let known = descriptions[path.identifier.session]?.firstIndex { $0.identifier == path.identifier }
        if let known {
            descriptions[path.identifier.session]?[known] = path
        } else {
            descriptions[path.identifier.session, default: []].append(path)
        }
        let number = PathNumber(rawValue: paths.number(of: path.identifier))
        let placement = place(path)
        let way = PathSizes.Way(from: path.localAddress, to: path.remoteAddress, device: placement.device)
        let parameters = PathParameters(
            session: SessionNumber(rawValue: session),
            local: path.localAddress,
            remote: path.remoteAddress,
            encapsulation: Encapsulation(path.encapsulation),
            mtu: sizes?.follow(path.identifier, way, limit: placement.mtu) ?? placement.mtu,
            rate: placement.rate,
            bindingIdentifier: path.identifier.binding?.rawValue ?? 0,
            probeKey: sessionKeys[path.identifier.session] ?? nil,
            // The translator stands on the gateway's side (RFC 5844 §4.3).
            keepalive: role == .gateway ? path.keepalive : nil,
            probeClockAhead: Self.clockAhead
        )
        post(.installPath(number, parameters, device: placement.device))
    }

    private func post(_ command: Worker.Command) {
        let worker = worker
        worker.reactor.post { worker.assumeIsolated { $0.perform(command) } }
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

/// Small numbers for names, never given twice.
private struct Numbering<Name: Hashable> {
    private var numbers: [Name: Int32] = [:]
    private var names: [Int32: Name] = [:]
    private var last: Int32 = 0

    mutating func number(of name: Name) -> Int32 {
        if let number = numbers[name] { return number }
        last &+= 1
        numbers[name] = last
        names[last] = name
        return last
    }

    func existing(_ name: Name) -> Int32? { numbers[name] }
    func name(of number: Int32) -> Name? { names[number] }

    mutating func remove(_ name: Name) -> Int32? {
        guard let number = numbers.removeValue(forKey: name) else { return nil }
        names[number] = nil
        return number
    }
}
