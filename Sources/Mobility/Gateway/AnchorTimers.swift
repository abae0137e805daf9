// SPDX-License-Identifier: Apache-2.0
import Wire

/// How long a gateway waits for what, at an anchor: by the RFCs, unless the anchor has its own mind (RFC 8127 §5.2).
struct AnchorTimers: Equatable, Sendable {
    /// How long before its end a binding is refreshed; nil: as seems right.
    var refreshBefore: Duration?
    /// INITIAL_BINDACK_TIMEOUT, RFC 6275 §12
    var initialRetransmission: Duration = .seconds(1)
    /// MAX_BINDACK_TIMEOUT, RFC 6275 §12
    var maximumRetransmission: Duration = .seconds(32)
    /// HEARTBEAT_INTERVAL, RFC 5847 §5
    var heartbeatInterval: Duration
    /// After a heartbeat without answer; nil: the interval (RFC 5847 §3.1).
    var heartbeatRetransmission: Duration?
    /// MISSING_HEARTBEATS_ALLOWED, RFC 5847 §5
    var missingHeartbeatsAllowed: Int

    /// From when the update was sent. Left to ourselves: forty seconds before the end, or after two thirds where that is
    /// later.
    func refreshTime(of lifetime: BindingLifetime, from sentAt: Instant) -> Instant {
        let usual = max(lifetime.duration - .seconds(40), lifetime.duration * 2 / 3)
        guard let refreshBefore else { return sentAt + usual }
        return sentAt + (refreshBefore < lifetime.duration ? lifetime.duration - refreshBefore : usual)
    }

    /// Before the attempt that follows so many (RFC 6275 §11.8).
    func pause(after attempts: Int) -> Duration {
        min(maximumRetransmission, initialRetransmission * (1 << min(max(0, attempts), 16)))
    }

    init(_ settings: GatewaySettings) {
        heartbeatInterval = settings.heartbeatInterval
        missingHeartbeatsAllowed = settings.missingHeartbeatsAllowed
    }

    /// What an acceptance says of them; false: it has a zero where none may be, and counts for nothing.
    mutating func adopt(_ options: MobilityOptions) -> Bool {
        guard let parameters = options.first(LMAControlledMAGParameters.self) else { return true }
        var wanted = self
        if let control = parameters.subOptions.first(ReregistrationControl.self) {
            guard !control.startTime.isZero, control.initialRetransmissionTime > 0,
                control.maximumRetransmissionTime > 0
            else { return false }
            wanted.refreshBefore = control.startTime.duration
            wanted.initialRetransmission = .seconds(Int64(control.initialRetransmissionTime))
            // A bound below what it bounds bounds nothing.
            wanted.maximumRetransmission =
                max(wanted.initialRetransmission, .seconds(Int64(control.maximumRetransmissionTime)))
        }
        if let control = parameters.subOptions.first(HeartbeatControl.self) {
            guard control.interval > 0, control.maximumRetransmissions > 0 else { return false }
            wanted.heartbeatInterval = .seconds(Int64(control.interval))
            wanted.heartbeatRetransmission =
                control.retransmissionDelay == 0 ? nil : .seconds(Int64(control.retransmissionDelay))
            wanted.missingHeartbeatsAllowed = Int(control.maximumRetransmissions)
        }
        self = wanted
        return true
    }
}
