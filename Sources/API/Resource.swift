// SPDX-License-Identifier: Apache-2.0

/// What can be asked for: each by GET, each answered as JSON with keys in camelCase.
package enum Resource: String, CaseIterable, Sendable {
    /// A ``Status``.
    case status
    /// An array of ``Binding``.
    case bindings
    /// An array of ``Path``.
    case paths
    /// An array of ``Flow``.
    case flows
    /// An array of ``PolicyRule``.
    case policy
    /// An array of ``Counter``.
    case counters
    /// An array of ``Setting``.
    case settings

    /// The path in the request line, such as `/v1/bindings`.
    package var path: String { "/v1/\(rawValue)" }
}
