// SPDX-License-Identifier: Apache-2.0

/// How messages between the two ends are protected.
package enum PeerAuthentication: Hashable, Sendable {
    /// Not by us: IPsec underneath, or an operator who said so in writing.
    case none
    case sharedKey(SecurityAssociation)

    var association: SecurityAssociation? {
        switch self {
        case .none: nil
        case .sharedKey(let association): association
        }
    }
}
