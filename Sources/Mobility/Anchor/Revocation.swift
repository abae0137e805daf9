// SPDX-License-Identifier: Apache-2.0
package import Wire

/// An indication whose acknowledgement is awaited, and what goes when it ends (RFC 5846 §6.3, §8.1).
package struct Revocation: Equatable, Sendable {
    package enum Subject: Equatable, Sendable {
        case session(SessionIdentifier)
        case paths([PathIdentifier])
        case homeAddress(SessionIdentifier)
        case mobileNode(NodeIdentifier)
        case realm(String)
        case gateway
        /// Of a gateway that believes in bindings which the anchor does not have.
        case outOfSync(PathIdentifier)
    }

    /// Where the indication goes.
    struct Carrier: Equatable, Sendable {
        var route: SignallingRoute
        /// The gateway's own address there, which the authenticator covers.
        var careOf: IPAddress
    }

    /// Since the anchor's start, ascending.
    package let number: UInt64
    let sequence: UInt16
    package let gateway: NodeIdentifier
    package let subject: Subject
    package let trigger: BindingRevocationTrigger
    /// Those that were flagged; an update that is accepted in the meantime takes its binding's flag away.
    let paths: [PathIdentifier]
    let flags: BindingRevocationFlags
    let options: MobilityOptions
    /// nil: over whichever care-of address of the gateway works.
    let carrier: Carrier?
    /// How often it was sent.
    var attempt = 0
    /// The routes that it was sent on.
    var routes: [SignallingRoute] = []

    /// The sessions concerned, each once, in the order of the paths.
    var sessions: [SessionIdentifier] {
        switch subject {
        case .session(let session), .homeAddress(let session): [session]
        case .outOfSync: []
        case .paths, .mobileNode, .realm, .gateway:
            paths.reduce(into: []) { sessions, path in
                if sessions.last != path.session { sessions.append(path.session) }
            }
        }
    }
}

extension Revocation.Subject: CustomStringConvertible {
    package var description: String {
        switch self {
        case .session(let session): "\(session)"
        case .paths(let paths): paths.map(\.description).joined(separator: ", ")
        case .homeAddress(let session): "IPv4 home address of \(session)"
        case .mobileNode(let node): "\(node)"
        case .realm(let realm): "@\(realm)"
        case .gateway: "all bindings"
        case .outOfSync(let path): "\(path), which is not there"
        }
    }
}
