// SPDX-License-Identifier: Apache-2.0

extension SelectorRange {
    /// RFC 6088 §3: both ends are included, and a start alone matches just itself.
    package func contains(_ value: Value) -> Bool { value >= start && value <= end ?? start }
}

extension TrafficSelector {
    /// Whether the packet is meant. A format that we do not know matches nothing: another would be a guess.
    package func matches(_ packet: DownlinkView) -> Bool {
        switch self {
        case .ipv4(let selector): selector.matches(packet)
        case .ipv6(let selector): selector.matches(packet)
        case .other: false
        }
    }
}

extension IPv4TrafficSelector {
    /// RFC 6088 §3.1.
    fileprivate func matches(_ packet: DownlinkView) -> Bool {
        guard case .v4(let source) = packet.source, case .v4(let destination) = packet.destination else { return false }
        return sourceAddresses.admits(source) && destinationAddresses.admits(destination)
            && securityParameterIndexes.admits(packet.securityParameterIndex)
            && sourcePorts.admits(packet.ports?.source) && destinationPorts.admits(packet.ports?.destination)
            && codePoints.admits(packet.codePoint) && protocols.admits(packet.protocolNumber)
    }
}

extension IPv6TrafficSelector {
    /// RFC 6088 §3.2.
    fileprivate func matches(_ packet: DownlinkView) -> Bool {
        guard case .v6(let source) = packet.source, case .v6(let destination) = packet.destination else { return false }
        return sourceAddresses.admits(source) && destinationAddresses.admits(destination)
            && securityParameterIndexes.admits(packet.securityParameterIndex)
            && flowLabels.admits(packet.flowLabel)
            && sourcePorts.admits(packet.ports?.source) && destinationPorts.admits(packet.ports?.destination)
            && codePoints.admits(packet.codePoint) && nextHeaders.admits(packet.protocolNumber)
    }
}

extension Optional {
    /// A field that is absent matches everything, one that is there only what the packet shows.
    fileprivate func admits<Value>(_ value: Value?) -> Bool where Wrapped == SelectorRange<Value> {
        guard let range = self else { return true }
        return value.map(range.contains) ?? false
    }
}
