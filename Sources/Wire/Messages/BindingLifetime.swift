// SPDX-License-Identifier: Apache-2.0

/// The lifetime of a binding as updates and acknowledgements carry it: units of four seconds; 0 de-registers.
package struct BindingLifetime: Hashable, Sendable {
    package var units: UInt16

    package init(units: UInt16) { self.units = units }

    /// Rounded down to whole units, at least one for anything above zero, at most 262 140 s.
    package init(_ duration: Duration) {
        let seconds = duration.components.seconds
        units = duration <= .zero ? 0 : UInt16(clamping: max(1, seconds / 4))
    }

    package static let zero = BindingLifetime(units: 0)

    package var duration: Duration { .seconds(Int64(units) * 4) }
    package var isZero: Bool { units == 0 }
}
