// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Wire

extension GatewayFilter {
    /// Marks what leaves past the anchor; rules of routing send what is marked by its access network. A flow ends where it
    /// began: in the middle of it another address would be another flow for its correspondent.
    var marks: [String] {
        guard let bypass else { return [] }
        let lans = lanInterfaces.map { "iifname != \(filterQuoted($0)) " }.joined()
        let inside = lans.isEmpty ? "iifname \(filterQuoted(tunnelDevice)) " : lans
        let mask = PacketMark(0, mask: NetworkExit.markMask)
        return ["\(inside)return"]
            // Only if it has the access network's address: then no other packet of it has left another way.
            + bypass.exits.map { "\(familyText($0))ct mark \(match($0.mark)) ct status snat \(set($0.mark)) return" }
            + [
                "ct status confirmed ct mark \(match(mask)) return",
                "ct status confirmed ct status ! snat return",
                // What would stay here, or goes without the tunnel already: neighbours on LANs, a broken-out session.
                "fib daddr oifname != \(filterQuoted(tunnelDevice)) return",
                // Whose beginning the kernel has not seen, it began elsewhere.
                "tcp flags & (syn | ack) != syn return",
            ]
            + bypass.steps.flatMap { step in
                step.selector.filterTexts(home: homeAddress, hidden: privateNetworks).map { packets in
                    guard let mark = step.exit.map(NetworkExit.mark(of:)) else { return "\(packets) return" }
                    return "\(packets) \(set(mark)) ct mark set \(merged("ct", mark)) return"
                }
            }
    }

    /// Everything that is marked has its access network's address there.
    var markedSources: [String] {
        guard bypass != nil else { return [] }
        return ["\(outward)meta mark & \(hexadecimal(NetworkExit.markMask)) != 0 masquerade"]
    }

    private func familyText(_ exit: NetworkExit) -> String {
        switch (exit.families.contains(.ipv4), exit.families.contains(.ipv6)) {
        case (true, false): "meta nfproto ipv4 "
        case (false, true): "meta nfproto ipv6 "
        case (true, true), (false, false): ""
        }
    }

    private func match(_ mark: PacketMark) -> String { "& \(hexadecimal(mark.mask)) == \(hexadecimal(mark.value))" }

    private func set(_ mark: PacketMark) -> String { "meta mark set \(merged("meta", mark))" }

    /// The other bits stay as they are.
    private func merged(_ kind: String, _ mark: PacketMark) -> String {
        "\(kind) mark & \(hexadecimal(~mark.mask)) | \(hexadecimal(mark.value))"
    }

    private func hexadecimal(_ value: UInt32) -> String { "0x\(String(value, radix: 16))" }
}
