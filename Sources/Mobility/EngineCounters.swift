// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What an engine has seen so far.
package struct EngineCounters: Equatable, Sendable {
    /// By the message's short name.
    package internal(set) var received: [String: Int] = [:]
    package internal(set) var sent: [String: Int] = [:]
    package internal(set) var dropped: [DropReason: Int] = [:]
    /// Refusals sent (anchor) or received (gateway).
    package internal(set) var refused: [BindingStatus: Int] = [:]

    /// What became of flow bindings: as answered to the peer, and by it.
    package internal(set) var flows: [FlowBindingStatus: Int] = [:]

    package init() {}

    mutating func drop(_ reason: DropReason) { dropped[reason, default: 0] += 1 }
    mutating func receive(_ message: MobilityMessage) { received[message.name, default: 0] += 1 }
    mutating func send(_ message: MobilityMessage) { sent[message.name, default: 0] += 1 }
    mutating func count(_ flow: FlowBindingStatus) { flows[flow, default: 0] += 1 }
    mutating func refuse(_ status: BindingStatus) { refused[status, default: 0] += 1 }
}
