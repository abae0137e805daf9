// SPDX-License-Identifier: Apache-2.0

/// A path is one WAN link's tunnel to one anchor. `binding` is nil for the one path of a session without
/// multipath.
package struct PathIdentifier: Hashable, Sendable {
    package var session: SessionIdentifier
    package var binding: BindingIdentifier?

    package init(session: SessionIdentifier, binding: BindingIdentifier?) {
        self.session = session
        self.binding = binding
    }
}

extension PathIdentifier: Comparable {
    package static func < (a: Self, b: Self) -> Bool {
        a.session != b.session
            ? a.session < b.session : a.binding?.rawValue ?? 0 < b.binding?.rawValue ?? 0
    }
}

extension PathIdentifier: CustomStringConvertible {
    package var description: String { "\(session)/\(binding.map { "\($0.rawValue)" } ?? "-")" }
}
