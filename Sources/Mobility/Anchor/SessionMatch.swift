// SPDX-License-Identifier: Apache-2.0
import Wire

/// What a proxy binding update is about (RFC 5213 §5.4.1).
enum SessionMatch: Equatable {
    /// A session that there is not yet.
    case new
    case update(SessionIdentifier)
    /// A further session with the home network prefixes of this one (RFC 7864 §3.2.1).
    case sharing(SessionIdentifier)
    /// This one's, once its gateway has let it go; if it does not, a new one (RFC 5213 §5.4.1.2, RFC 5846 §8.1).
    case handover(SessionIdentifier)
    /// "Not changed", says a gateway that holds none of the node's sessions: it has missed that the node moved on.
    case stray
    case refused(Refusal)

    /// The session that a de-registration is about.
    var named: SessionIdentifier? {
        switch self {
        case .update(let session), .handover(let session): session
        case .new, .sharing, .stray, .refused: nil
        }
    }

    /// The session that a registration updates.
    var updated: SessionIdentifier? {
        switch self {
        case .update(let session): session
        case .new, .sharing, .handover, .stray, .refused: nil
        }
    }

    var shared: SessionIdentifier? {
        switch self {
        case .sharing(let session): session
        case .new, .update, .handover, .stray, .refused: nil
        }
    }

    var refusal: Refusal? {
        switch self {
        case .refused(let refusal): refusal
        case .stray: Refusal(.reasonUnspecified)
        case .new, .update, .sharing, .handover: nil
        }
    }
}
