// SPDX-License-Identifier: Apache-2.0

/// Which of a session's paths a flow rule means.
package enum FlowPaths: Hashable, Sendable {
    case any
    /// By interface label (RFC 8278 §4.1), the preferred first; several paths may share one.
    case labels([UInt8])
    /// By BID, the preferred first: all that RFC 6089 can say.
    case bindings([UInt8])
}
