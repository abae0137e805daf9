// SPDX-License-Identifier: Apache-2.0
import Mobility

extension ConfigurationNode {
    /// The name of an encapsulation, such as `udp-tlv-gre`; nil for the word that leaves the choice.
    func tunnelEncapsulation(orAutomatic automatic: String) throws(ConfigurationError) -> TunnelEncapsulation? {
        let text = try word(atMost: 32)
        guard text != automatic else { return nil }
        return try tunnelEncapsulation(text, beside: [automatic])
    }

    /// The encapsulations of a list, each at most once and at least one.
    func tunnelEncapsulations() throws(ConfigurationError) -> Set<TunnelEncapsulation> {
        var encapsulations: Set<TunnelEncapsulation> = []
        for item in try list(atLeast: 1) {
            let encapsulation = try item.tunnelEncapsulation(try item.word(atMost: 32), beside: [])
            guard encapsulations.insert(encapsulation).inserted else {
                throw item.failure("\(encapsulation.rawValue) is there already")
            }
        }
        return encapsulations
    }

    private func tunnelEncapsulation(
        _ text: String,
        beside others: [String]
    ) throws(ConfigurationError) -> TunnelEncapsulation {
        guard let encapsulation = TunnelEncapsulation(rawValue: text) else {
            let names = others + TunnelEncapsulation.allCases.map(\.rawValue)
            let nearest = Spelling.nearest(to: text, among: names).map { "did you mean \($0)?" }
            throw failure("\"\(text)\" is not one of \(names.joined(separator: ", "))", hint: nearest)
        }
        return encapsulation
    }
}
