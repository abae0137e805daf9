// SPDX-License-Identifier: Apache-2.0

/// Moments at which a process can die with something half done. Whoever gives a hook sees each of them.
package enum StoreStep: Hashable, Sendable {
    case beforeBegin
    case beforeStatement
    case afterStatement
    case beforeCommit
    case afterCommit
    case beforeAction
    case afterAction

    package typealias Hook = (StoreStep) -> Void
}
