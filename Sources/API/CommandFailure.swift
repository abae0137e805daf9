// SPDX-License-Identifier: Apache-2.0

/// Why a daemon does not do what it is told. Told as a ``Problem``.
package enum CommandFailure: Error, Equatable, Sendable {
    /// The request says nothing that can be done: what is wrong with it, and what would be right.
    case malformed(String)
    /// The file that came with it says nothing that can be done: where, what, and what would be right.
    case unacceptable(String)
    /// What it names is not there.
    case notFound(String)
    /// A gateway was asked for what anchors do.
    case anchorsOnly
    /// An anchor was asked for what gateways do.
    case gatewaysOnly

    package var problem: Problem {
        switch self {
        case .malformed(let detail): Problem(title: "malformed request", detail: detail)
        case .unacceptable(let detail): Problem(title: "nothing is changed", detail: detail)
        case .notFound(let detail): Problem(title: "not found", detail: detail)
        case .anchorsOnly:
            Problem(title: "not an anchor", detail: "a gateway revokes and notifies nobody: ask its anchor's daemon")
        case .gatewaysOnly:
            Problem(title: "not a gateway", detail: "an anchor has no access links: ask the gateway's daemon")
        }
    }

    /// The answer's status code.
    package var status: Int {
        switch self {
        case .malformed, .unacceptable: 400
        case .notFound: 404
        case .anchorsOnly, .gatewaysOnly: 409
        }
    }
}
