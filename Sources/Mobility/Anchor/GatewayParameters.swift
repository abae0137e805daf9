// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The timers that an anchor gives its gateways (RFC 8127 §4.1).
package struct GatewayParameters: Equatable, Sendable {
    /// nil: left to the gateway.
    package var reregistration: ReregistrationControl?
    /// nil: left to the gateway.
    package var heartbeat: HeartbeatControl?

    package init(reregistration: ReregistrationControl?, heartbeat: HeartbeatControl?) {
        self.reregistration = reregistration
        self.heartbeat = heartbeat
    }

    /// nil: there is nothing to say.
    var option: LMAControlledMAGParameters? {
        var controls: [any SubOption] = []
        if let reregistration { controls.append(reregistration) }
        if let heartbeat { controls.append(heartbeat) }
        return controls.isEmpty ? nil : LMAControlledMAGParameters(SubOptions(controls))
    }
}
