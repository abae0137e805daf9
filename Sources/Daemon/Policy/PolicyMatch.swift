// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Which packets a rule means: those that every part of it admits. A part that is empty admits all.
package struct PolicyMatch: Equatable, Sendable {
    /// nil: both.
    package var family: AddressFamily?
    /// Of the host beyond the anchor.
    package var remote: [AddressRange] = []
    /// Of the site's host.
    package var local: [AddressRange] = []
    /// Hosts of the site by another name than an address; never beside `local`.
    package var terminals: [PolicyTerminal] = []
    /// Hosts beyond the anchor by name; never beside `remote`.
    package var domains: [DomainPattern] = []
    package var protocols: [PolicyProtocol] = []
    package var remotePorts: [SelectorRange<UInt16>] = []
    package var localPorts: [SelectorRange<UInt16>] = []
    package var codePoints: [SelectorRange<DifferentiatedServicesCodePoint>] = []
    /// Only packets of IPv6 have one.
    package var flowLabels: [SelectorRange<FlowLabel>] = []
    package var securityParameterIndexes: [SelectorRange<UInt32>] = []
    /// As the operator wrote it, such as `remote-port 80 443, protocol tcp`; `everything`.
    package var text = "everything"

    package init() {}

    /// Whether what it matches depends on what the gateway learns.
    package var isLearnt: Bool { !terminals.isEmpty || !domains.isEmpty }
}
