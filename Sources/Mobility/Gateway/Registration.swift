// SPDX-License-Identifier: Apache-2.0
import Wire

/// Where a gateway stands with one path (the states of a binding update list entry).
enum Registration: Equatable, Sendable {
    case idle
    case registering(attempt: Int, retryAt: Instant)
    case registered(refreshAt: Instant)
    /// Registered, and asking to stay so.
    case refreshing(attempt: Int, retryAt: Instant)
    case deregistering(until: Instant)
    /// nil: the answer was not one to our request (RFC 5213 §6.9.1.2).
    case refused(BindingStatus?, retryAt: Instant)

    /// Until somebody has looked at it (RFC 5213 §6.9.1.2).
    static let mismatched = Registration.refused(nil, retryAt: .never)

    var deadline: Instant {
        switch self {
        case .idle: .never
        case .registering(_, let at), .registered(let at), .refreshing(_, let at), .deregistering(let at),
            .refused(_, let at):
            at
        }
    }

    /// Of a request without answer, the first being 1.
    var attempt: Int? {
        switch self {
        case .registering(let attempt, _), .refreshing(let attempt, _): attempt
        case .idle, .registered, .deregistering, .refused: nil
        }
    }

    var isRegistering: Bool {
        switch self {
        case .registering: true
        case .idle, .registered, .refreshing, .deregistering, .refused: false
        }
    }

    var isDeregistering: Bool {
        switch self {
        case .deregistering: true
        case .idle, .registering, .registered, .refreshing, .refused: false
        }
    }

    var isRefused: Bool {
        switch self {
        case .refused: true
        case .idle, .registering, .registered, .refreshing, .deregistering: false
        }
    }

    var status: BindingStatus? {
        switch self {
        case .refused(let status, _): status
        case .idle, .registering, .registered, .refreshing, .deregistering: nil
        }
    }

    var name: String {
        switch self {
        case .idle: "idle"
        case .registering: "registering"
        case .registered: "registered"
        case .refreshing: "refreshing"
        case .deregistering: "deregistering"
        case .refused: "refused"
        }
    }
}
