// SPDX-License-Identifier: Apache-2.0
import Wire

// RFC 6088 sees packets on their way to the mobile node: of those that it sends, the correspondent is the destination.

extension TrafficSelector {
    /// Packets from the site that the selector means, in nft's words: each of these, or none. Hosts in `hidden` networks
    /// have the home address for whoever wrote the selector.
    func filterTexts(home: IPv4Address?, hidden: [IPPrefix]) -> [String] {
        switch self {
        case .ipv4(let selector): selector.filterTexts(home: home, hidden: hidden)
        case .ipv6(let selector): selector.filterTexts
        case .other: []
        }
    }
}

extension IPv4TrafficSelector {
    fileprivate func filterTexts(home: IPv4Address?, hidden: [IPPrefix]) -> [String] {
        var words = ["meta nfproto ipv4"]
        if let sourceAddresses { words.append("ip daddr \(sourceAddresses.filterText)") }
        if let destinationAddresses {
            let meansHome = home.map { destinationAddresses.contains($0) } ?? false
            let texts = [destinationAddresses.filterText] + (meansHome ? hidden.map { "\($0)" } : [])
            words.append("ip saddr " + (texts.count == 1 ? texts[0] : "{ \(texts.joined(separator: ", ")) }"))
        }
        if let codePoints { words.append("ip dscp \(codePoints.filterText)") }
        let upper = UpperLayer(
            protocols: protocols,
            correspondentPorts: sourcePorts,
            ownPorts: destinationPorts,
            securityParameterIndexes: securityParameterIndexes
        )
        return upper.filterTexts.map { (words + $0).joined(separator: " ") }
    }
}

extension IPv6TrafficSelector {
    fileprivate var filterTexts: [String] {
        var words = ["meta nfproto ipv6"]
        if let sourceAddresses { words.append("ip6 daddr \(sourceAddresses.filterText)") }
        if let destinationAddresses { words.append("ip6 saddr \(destinationAddresses.filterText)") }
        if let codePoints { words.append("ip6 dscp \(codePoints.filterText)") }
        if let flowLabels { words.append("ip6 flowlabel \(flowLabels.filterText)") }
        let upper = UpperLayer(
            protocols: nextHeaders,
            correspondentPorts: sourcePorts,
            ownPorts: destinationPorts,
            securityParameterIndexes: securityParameterIndexes
        )
        return upper.filterTexts.map { (words + $0).joined(separator: " ") }
    }
}

/// What selectors of both families say of what is behind the IP header.
private struct UpperLayer {
    var protocols: SelectorRange<UInt8>?
    var correspondentPorts: SelectorRange<UInt16>?
    var ownPorts: SelectorRange<UInt16>?
    var securityParameterIndexes: SelectorRange<UInt32>?

    /// Alternatives, in nft's words. nft refuses what contradicts itself, hence none of that.
    var filterTexts: [[String]] {
        let hasPorts = correspondentPorts != nil || ownPorts != nil
        if let indexes = securityParameterIndexes {
            guard !hasPorts else { return [] }
            let headers = [("esp", IPProtocol.esp), ("ah", IPProtocol.ah)]
            return headers.filter { isMeant($0.1) }.map { ["\($0.0) spi \(indexes.filterText)"] }
        }
        guard hasPorts else { return [protocols.map { ["meta l4proto \($0.filterText)"] } ?? []] }
        // As the forwarder: of other protocols no ports are seen.
        let transports = (UInt8.min...UInt8.max).filter { InnerPacket.hasPorts($0) && isMeant($0) }
        guard !transports.isEmpty else { return [] }
        var words = ["meta l4proto { \(transports.map { "\($0)" }.joined(separator: ", ")) }"]
        if let correspondentPorts { words.append("th dport \(correspondentPorts.filterText)") }
        if let ownPorts { words.append("th sport \(ownPorts.filterText)") }
        return [words]
    }

    private func isMeant(_ number: UInt8) -> Bool { protocols?.contains(number) ?? true }
}

extension SelectorRange {
    fileprivate var filterText: String { end.flatMap { $0 == start ? nil : "\(start)-\($0)" } ?? "\(start)" }
}
