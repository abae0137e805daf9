// SPDX-License-Identifier: Apache-2.0
package import Wire

extension PolicyMatch {
    /// One for each combination of what is listed, in each family: a traffic selector has one range a field
    /// (RFC 6088 §3). Counts no further than `limit` in either family.
    package func selectors(_ learnt: LearntAddresses, atMost limit: Int) -> [TrafficSelector] {
        let remote = addresses(remote, domains.flatMap { learnt.domains[$0] ?? [] }, areNamed: !domains.isEmpty)
        let local = addresses(local, terminals.flatMap { learnt.terminals[$0] ?? [] }, areNamed: !terminals.isEmpty)
        return (family == .ipv6 ? [] : ipv4(remote, local, limit).map { .ipv4($0) })
            + (family == .ipv4 ? [] : ipv6(remote, local, limit).map { .ipv6($0) })
    }

    /// nil: all there are.
    private func addresses(_ ranges: [AddressRange], _ named: [IPAddress], areNamed: Bool) -> [AddressRange]? {
        if areNamed { return Set(named).sorted { "\($0)" < "\($1)" }.map { AddressRange($0) } }
        return ranges.isEmpty ? nil : ranges
    }

    private func ipv4(_ remote: [AddressRange]?, _ local: [AddressRange]?, _ limit: Int) -> [IPv4TrafficSelector] {
        guard flowLabels.isEmpty else { return [] }
        var product = SelectorProduct(IPv4TrafficSelector(), limit: limit)
        product.multiply(\.sourceAddresses, by: remote?.compactMap(\.ipv4))
        product.multiply(\.destinationAddresses, by: local?.compactMap(\.ipv4))
        product.multiply(\.protocols, by: protocols.orNone?.map(\.ipv4))
        product.multiply(\.sourcePorts, by: remotePorts.orNone)
        product.multiply(\.destinationPorts, by: localPorts.orNone)
        product.multiply(\.codePoints, by: codePoints.orNone)
        product.multiply(\.securityParameterIndexes, by: securityParameterIndexes.orNone)
        return product.selectors
    }

    private func ipv6(_ remote: [AddressRange]?, _ local: [AddressRange]?, _ limit: Int) -> [IPv6TrafficSelector] {
        var product = SelectorProduct(IPv6TrafficSelector(), limit: limit)
        product.multiply(\.sourceAddresses, by: remote?.compactMap(\.ipv6))
        product.multiply(\.destinationAddresses, by: local?.compactMap(\.ipv6))
        product.multiply(\.nextHeaders, by: protocols.orNone?.map(\.ipv6))
        product.multiply(\.sourcePorts, by: remotePorts.orNone)
        product.multiply(\.destinationPorts, by: localPorts.orNone)
        product.multiply(\.codePoints, by: codePoints.orNone)
        product.multiply(\.flowLabels, by: flowLabels.orNone)
        product.multiply(\.securityParameterIndexes, by: securityParameterIndexes.orNone)
        return product.selectors
    }
}

/// Selectors for all combinations of values.
private struct SelectorProduct<Selector> {
    private(set) var selectors: [Selector]
    private let limit: Int

    init(_ selector: Selector, limit: Int) {
        selectors = [selector]
        self.limit = limit
    }

    /// nil: the field stays open.
    mutating func multiply<Value>(_ field: WritableKeyPath<Selector, Value?>, by values: [Value]?) {
        guard let values else { return }
        var product: [Selector] = []
        for var selector in selectors {
            for value in values where product.count < limit {
                selector[keyPath: field] = value
                product.append(selector)
            }
        }
        selectors = product
    }
}

extension AddressRange {
    fileprivate var ipv4: SelectorRange<IPv4Address>? {
        if case .v4(let range) = self { range } else { nil }
    }
    fileprivate var ipv6: SelectorRange<IPv6Address>? {
        if case .v6(let range) = self { range } else { nil }
    }
}

extension Array {
    /// nil instead of an empty one.
    fileprivate var orNone: Self? { isEmpty ? nil : self }
}
