// SPDX-License-Identifier: Apache-2.0
import Wire

/// Heartbeats and Binding Errors at the gateway (RFC 5847, RFC 6275 §9.3.3): of each WAN, however many nodes have a
/// binding there.
extension MobileAccessGateway {
    /// Milliseconds over which the gateways of an anchor that has restarted spread their registrations.
    private static let restartJitter: Int64 = 3000

    /// Where no node has a binding any more nobody is asked for.
    mutating func stopIdleHeartbeats() {
        for index in shared.heartbeats.indices where shared.heartbeats[index] != nil && carrier(over: index) == nil {
            shared.heartbeats[index] = nil
        }
    }

    /// Whose binding a WAN's heartbeats go by: the first there is.
    private func carrier(over index: Int) -> GrantedBinding? {
        sessions.lazy.compactMap { $0.links[index].granted }.first
    }

    mutating func heartbeatsDue(at now: Moment) -> [Action] {
        stopIdleHeartbeats()
        var actions: [Action] = []
        for index in shared.heartbeats.indices {
            guard let heartbeat = shared.heartbeats[index], heartbeat.nextRequestAt <= now.instant else { continue }
            actions += heartbeatDue(over: index, heartbeat, at: now)
        }
        return actions
    }

    private mutating func heartbeatDue(over index: Int, _ monitor: HeartbeatMonitor, at now: Moment) -> [Action] {
        guard let granted = carrier(over: index) else { return [] }
        var heartbeat = monitor
        let (sequence, becameUnreachable) = heartbeat.requestDue(at: now.instant)
        shared.heartbeats[index] = heartbeat
        var actions: [Action] = []
        if becameUnreachable {
            actions.append(.report(.peerUnreachable(granted.anchorAddress)))
            actions += eachSession { $0.anchorUnreachable(over: index, at: now) }
        }
        guard let sequence else { return actions }
        var options = MobilityOptions([MessageIdentifier(shared.anchor.clock.time(at: now))])
        if granted.route.isUDP { appendPath(granted.path, of: settings.wans[index], to: &options) }
        let message = MobilityMessage.heartbeat(Heartbeat(isResponse: false, sequence: sequence, options: options))
        return actions + [shared.send(message, on: granted.route, careOf: granted.careOf)]
    }

    /// Which path the heartbeat is of: when an address translator changes its mind, the address no longer tells.
    private func appendPath(_ path: PathIdentifier, of wan: WANSettings, to options: inout MobilityOptions) {
        options.append(MobileNodeIdentifier(path.session.mobileNode))
        guard let binding = path.binding else { return }
        options.append(
            MAGMultipathBinding(
                accessTechnology: wan.accessTechnology,
                interfaceLabel: wan.label,
                bindingIdentifier: binding.rawValue
            )
        )
    }

    mutating func receivedHeartbeat(
        _ heartbeat: Heartbeat,
        _ message: MobilityMessage,
        in datagram: Datagram,
        at now: Moment
    ) -> [Action] {
        if let reason = distrustOfSignal(message, in: datagram, at: now) { return drop(datagram, reason, at: now) }
        guard let index = wan(carrying: datagram) else { return [] }
        guard heartbeat.isResponse else {
            // RFC 5847 §3: answered whatever the state.
            let options = MobilityOptions([RestartCounter(settings.restartCounter)])
            let response = Heartbeat(isResponse: true, sequence: heartbeat.sequence, options: options)
            let route = SignallingRoute(answering: datagram)
            return [shared.send(.heartbeat(response), on: route, careOf: datagram.destination)]
        }
        let isOurs = shared.heartbeats[index]?.answered(heartbeat.sequence, at: now.instant) == true
        guard isOurs || heartbeat.isUnsolicited else { return drop(datagram, .noMatchingRequest, at: now) }
        return heard(heartbeat, from: datagram.source, over: index, at: now)
    }

    private mutating func heard(
        _ response: Heartbeat,
        from address: IPAddress,
        over index: Int,
        at now: Moment
    ) -> [Action] {
        shared.anchorAnswered(over: index)
        let known = shared.anchor.restartCounter
        if let counter = response.options.first(RestartCounter.self)?.counter { shared.anchor.restartCounter = counter }
        if let known, let counter = shared.anchor.restartCounter, counter != known {
            return anchorRestarted(address, at: now)
        }
        return eachSession { $0.refreshInSilence(index, at: now) }
    }

    private mutating func anchorRestarted(_ address: IPAddress, at now: Moment) -> [Action] {
        guard isRunning else { return [] }
        let actions = [.report(.peerRestarted(address))] + eachSession { $0.anchorRestarted() }
        let jitter = Int64.random(in: 0...Self.restartJitter, using: &shared.random)
        registersFrom = now.instant + .milliseconds(jitter)
        return actions
    }

    mutating func receivedError(
        _ error: BindingError,
        _ message: MobilityMessage,
        in datagram: Datagram,
        at now: Moment
    ) -> [Action] {
        guard let index = wan(carrying: datagram) else { return drop(datagram, .unknownPeer, at: now) }
        if let reason = shared.distrust(message, in: datagram, careOf: datagram.destination) {
            return drop(datagram, reason, at: now)
        }
        guard error.status == BindingError.unknownMobilityHeaderType, shared.heartbeats[index]?.rejected() == true
        else { return drop(datagram, .noMatchingRequest, at: now) }
        return []
    }
}
