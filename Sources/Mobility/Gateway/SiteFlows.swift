// SPDX-License-Identifier: Apache-2.0
import Wire

/// What a session does about the site's flow rules at its anchor (RFC 6089 §5.2).
struct SiteFlows: Sendable {
    enum Support: Sendable {
        /// No acceptance has told.
        case unknown
        /// It has taken no notice of option 45 (RFC 6089 §5.2.6).
        case none
        case bindings
        case schemes
    }

    /// What an update says of flows.
    struct Told: Sendable {
        var message: FlowNegotiation.Message
        /// Which `wanted` it was made from.
        var revision: UInt64
    }

    private(set) var support = Support.unknown
    var negotiation = FlowNegotiation()
    /// What the anchor shall have, in the order in which it is matched.
    private(set) var wanted: [FlowBinding] = []
    private(set) var revision: UInt64 = 0
    /// Why others are not told.
    private(set) var local: [UInt16: FlowBindingSnapshot.LocalReason] = [:]
    /// Rules or paths are not those any more that `wanted` was made from.
    var isStale = true
    /// The anchor may have to be told of something.
    var isOpen = false

    var isTold: Bool { support == .bindings || support == .schemes }

    /// Nothing is registered any more.
    mutating func forget() {
        negotiation.forget()
        support = .unknown
        isStale = true
        isOpen = false
    }

    /// What an acceptance shows. An anchor that knows schemes says so; whether another one knows flow bindings is tried.
    mutating func learn(hasSchemes: Bool) {
        let old = support
        if hasSchemes {
            support = .schemes
        } else if support == .unknown || support == .schemes {
            support = .bindings
        }
        isStale = isStale || support != old
    }

    mutating func learnOfNone() {
        negotiation.forget()
        support = .none
        isStale = true
        isOpen = false
    }

    mutating func want(_ bindings: [FlowBinding], local reasons: [UInt16: FlowBindingSnapshot.LocalReason]) {
        isStale = false
        local = reasons
        let isSame =
            wanted.count == bindings.count && zip(wanted, bindings).allSatisfy { $0.says($1) }
        // The reference may be another one all the same.
        wanted = bindings
        guard !isSame else { return }
        revision += 1
        isOpen = true
    }

    func state(of identifier: UInt16) -> FlowBindingSnapshot.State {
        if let reason = local[identifier] { return .local(reason) }
        return negotiation.state(of: identifier)
    }
}
