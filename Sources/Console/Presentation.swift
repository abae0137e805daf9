// SPDX-License-Identifier: Apache-2.0
import API

extension [API.Binding] {
    /// HNP: home network prefix. BID: binding identifier. The columns ANCHOR and BREAK-OUT are there at a gateway.
    package var table: Table {
        let hasAnchors = contains { $0.anchor != nil }
        let columns: [Table.Column] = [
            .text("MOBILE NODE"), .text("GATEWAY"), .text("ANCHOR"), .text("BREAK-OUT"), .text("STATE"), .text("HNP"),
            .text("DELEGATED"), .text("MULTIPATH"), .text("BID"), .number("LIFETIME"), .number("REMAINING"),
        ]
        var table = Table(columns.filter { hasAnchors || !["ANCHOR", "BREAK-OUT"].contains($0.head) })
        for binding in self {
            let anchor = hasAnchors ? [binding.namedAnchor, binding.brokenOut == true ? "yes" : "no"] : []
            let session = [
                binding.state, binding.homeNetworkPrefixes.joined(separator: ", "),
                binding.delegatedPrefixes.joined(separator: ", "), binding.multipath ? "yes" : "no",
                binding.bindingIdentifiers.map { String($0) }.joined(separator: ", "),
                Quantity.duration(binding.lifetimeSeconds), Quantity.duration(binding.remainingSeconds),
            ]
            table.add([binding.mobileNode, binding.gateway] + anchor + session)
        }
        return table
    }
}

extension API.Binding {
    /// With its addresses, unless they are all that it is called.
    fileprivate var namedAnchor: String {
        let (name, addresses) = (anchor ?? "", anchorAddresses ?? [])
        let isNamed = !addresses.contains { name.contains($0) }
        return isNamed && !addresses.isEmpty ? "\(name) (\(addresses.joined(separator: ", ")))" : name
    }
}

extension [API.Path] {
    /// BID: binding identifier. RTT: round-trip time. RATE: in the direction in which the daemon sends. The columns LINK (a
    /// gateway's), WAITS and LOST (from reports), DOWN and UP (what the line can do), COST and QUOTA LEFT are there if a path has one.
    package var table: Table {
        let hasLinks = contains { $0.link != nil }
        let lines: [(head: String, cell: (API.Path) -> String?)] = [
            ("MTU", { $0.mtu.map { String($0) } }),
            ("WAITS", { $0.queueMilliseconds.map(Quantity.milliseconds) }),
            ("LOST", { $0.lossPercent.map { "\($0) %" } }),
            ("DOWN", { $0.downlinkBitsPerSecond.map(Quantity.rate) }),
            ("UP", { $0.uplinkBitsPerSecond.map(Quantity.rate) }),
            ("COST", { $0.costClass.map { String($0) } }),
            ("QUOTA LEFT", { $0.quotaLeftOctets.map(Quantity.octets) }),
        ]
        let known = lines.filter { line in contains(where: { line.cell($0) != nil }) }
        var columns: [Table.Column] = [
            .text("MOBILE NODE"), .number("BID"), .number("LABEL"), .text("LINK"), .text("ACCESS"), .text("LOCAL"),
            .text("REMOTE"), .text("ENCAPSULATION"), .text("REGISTRATION"), .text("CONDITION"), .number("RTT"),
            .number("RATE"),
        ]
        columns += known.map { .number($0.head) }
        columns += [.number("SENT"), .number("RECEIVED"), .number("REMAINING")]
        var table = Table(columns.filter { hasLinks || $0.head != "LINK" })
        for path in self {
            let before = [path.mobileNode, path.bindingIdentifier.text, path.label.text]
            let link = hasLinks ? [path.link ?? ""] : []
            let ends = [path.accessTechnology ?? "", path.localAddress, path.remoteEnd, path.encapsulation]
            let state = [
                path.registration, path.condition, path.roundTripMilliseconds.map(Quantity.milliseconds) ?? "",
            ]
            let rates = [path.rateBitsPerSecond.map(Quantity.rate) ?? ""] + known.map { $0.cell(path) ?? "" }
            let traffic = [
                Quantity.octets(path.sent.octets), Quantity.octets(path.received.octets),
                path.remainingSeconds.map(Quantity.duration) ?? "",
            ]
            table.add(before + link + ends + state + rates + traffic)
        }
        return table
    }
}

extension API.Path {
    /// With the port where there is one.
    fileprivate var remoteEnd: String {
        guard let remotePort else { return remoteAddress }
        return remoteAddress.contains(":") ? "[\(remoteAddress)]:\(remotePort)" : "\(remoteAddress):\(remotePort)"
    }
}

extension [API.Flow] {
    /// BID: binding identifier.
    package var table: Table {
        var table = Table([
            .text("MOBILE NODE"), .text("FLOW"), .number("BID"), .number("PACKETS"), .number("OCTETS"), .number("IDLE"),
            .text("RULE"), .text("WHY"),
        ])
        for flow in self {
            table.add([
                flow.mobileNode, flow.tuple, flow.bindingIdentifier.text, String(flow.packets),
                Quantity.octets(flow.octets), Quantity.idle(flow.idleSeconds), flow.rule ?? "", flow.reason,
            ])
        }
        return table
    }
}

extension [API.Counter] {
    /// A line for each counter.
    package var table: Table {
        var table = Table([.text("COUNTER"), .number("VALUE"), .text("MEANING")])
        for counter in self {
            table.add([counter.name, String(counter.value), counter.description])
        }
        return table
    }
}

extension [API.Setting] {
    /// A value that is not ours any more is told beside ours.
    package var table: Table {
        var table = Table([.text("SETTING"), .text("WAS"), .text("IS NOW"), .text("WHY")])
        for setting in self {
            let isNow = setting.isNow.map { $0 == setting.value ? $0 : "\($0) (not \(setting.value))" } ?? "gone"
            table.add([setting.setting, setting.was, isNow, setting.why])
        }
        return table
    }
}

extension [API.GatewayAnswer] {
    package var table: Table {
        var table = Table([.text("GATEWAY"), .text("ABOUT"), .text("OUTCOME")])
        for answer in self { table.add([answer.gateway, answer.subject, answer.outcome]) }
        return table
    }
}

extension Int? {
    fileprivate var text: String { map { String($0) } ?? "" }
}
