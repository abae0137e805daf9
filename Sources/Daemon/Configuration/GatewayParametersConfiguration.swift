// SPDX-License-Identifier: Apache-2.0
import Mobility
import Wire

extension GatewayParameters {
    /// The section `mag-parameters`: the timers that gateways are given (RFC 8127 §4.1). Of each of its two groups all
    /// are said if one is; what is left out is as that document has it.
    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let registration = ["re-registration-start", "initial-retransmission", "max-retransmission"]
        let heartbeats = ["heartbeat-interval", "heartbeat-retransmission", "heartbeat-max-retransmissions"]
        let section = try node.section(registration + heartbeats)
        let isSaid = { (keys: [String]) in keys.contains { section.optional($0) != nil } }
        guard isSaid(registration) || isSaid(heartbeats) else {
            throw node.failure("the section says nothing", hint: (registration + heartbeats).joined(separator: ", "))
        }
        self.init(
            reregistration: isSaid(registration) ? try ReregistrationControl(section) : nil,
            heartbeat: isSaid(heartbeats) ? try HeartbeatControl(section) : nil
        )
    }
}

extension ReregistrationControl {
    fileprivate init(_ section: ConfigurationSection) throws(ConfigurationError) {
        let start = try section.optional("re-registration-start")?.lifetime() ?? .seconds(40)
        let initial = try section.optional("initial-retransmission")?.seconds(in: 1...65535) ?? 1
        let maximumNode = section.optional("max-retransmission")
        let maximum = try maximumNode?.seconds(in: 1...65535) ?? max(32, initial)
        if let maximumNode, maximum < initial {
            throw maximumNode.failure("\(maximum)s is less than initial-retransmission, \(initial)s")
        }
        self.init(
            startTime: BindingLifetime(start),
            initialRetransmissionTime: initial,
            maximumRetransmissionTime: maximum
        )
    }
}

extension HeartbeatControl {
    fileprivate init(_ section: ConfigurationSection) throws(ConfigurationError) {
        // RFC 8127 §4.1: not less than 30 s, not more than 3600 s.
        let interval = try section.optional("heartbeat-interval")?.seconds(in: 30...3600) ?? 60
        let delayNode = section.optional("heartbeat-retransmission")
        let delay = try delayNode?.seconds(in: 1...3600) ?? 5
        if let delayNode, delay >= interval {
            throw delayNode.failure("\(delay)s is not less than heartbeat-interval, \(interval)s")
        }
        let count = try section.optional("heartbeat-max-retransmissions")?.integer(in: 1...65535) ?? 3
        self.init(interval: interval, retransmissionDelay: delay, maximumRetransmissions: UInt16(clamping: count))
    }
}

extension ConfigurationNode {
    /// A duration in whole seconds, as 16 bits of a message carry it.
    fileprivate func seconds(in range: ClosedRange<Int64>) throws(ConfigurationError) -> UInt16 {
        let duration = try duration(in: .seconds(range.lowerBound) ... .seconds(range.upperBound))
        let (seconds, attoseconds) = duration.components
        guard attoseconds == 0 else {
            throw failure(
                "\(duration.configurationText) is not a whole number of seconds",
                hint: "the protocol counts these in seconds"
            )
        }
        return UInt16(clamping: seconds)
    }
}
