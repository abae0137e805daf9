// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A packet that somebody wants to know the way of.
package struct FlowQuestion: Hashable, Sendable {
    /// In either direction: the mobile node's end may be the source or the destination.
    package var tuple: FiveTuple
    package var codePoint: DifferentiatedServicesCodePoint
    /// Of IPv6.
    package var flowLabel: FlowLabel
    /// Of ESP and AH.
    package var securityParameterIndex: UInt32?

    package init(
        tuple: FiveTuple,
        codePoint: DifferentiatedServicesCodePoint = DifferentiatedServicesCodePoint(0),
        flowLabel: FlowLabel = FlowLabel(0),
        securityParameterIndex: UInt32? = nil
    ) {
        self.tuple = tuple
        self.codePoint = codePoint
        self.flowLabel = flowLabel
        self.securityParameterIndex = securityParameterIndex
    }
}
