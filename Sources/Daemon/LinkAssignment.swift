// SPDX-License-Identifier: Apache-2.0
package import LinuxIO

/// Which link each access network has. A link belongs to one; what an access network has it keeps while it exists and is
/// still the one that is meant.
package struct LinkAssignment {
    private let selections: [LinkSelection]
    /// Links with another purpose, by name.
    private let excluded: Set<String>
    private var held: [InterfaceIndex?]

    package init(_ selections: [LinkSelection], excluding excluded: Set<String> = []) {
        self.selections = selections
        self.excluded = excluded
        held = Array(repeating: nil, count: selections.count)
    }

    /// The links of all, in the order of their selections; nil where there is none.
    package mutating func update(_ links: [LinkState]) -> [LinkState?] {
        var free = links.filter { !$0.isLoopback && !excluded.contains($0.name) }.sorted { $0.index < $1.index }
        var assigned = [LinkState?](repeating: nil, count: selections.count)
        func assign(_ places: [Int], onlyHeld: Bool) {
            for place in places where assigned[place] == nil {
                let candidates = selections[place].candidates(among: free)
                let kept = candidates.first { $0.index == held[place] }
                guard let link = kept ?? (onlyHeld ? nil : candidates.first) else { continue }
                assigned[place] = link
                free.removeAll { $0.index == link.index }
            }
        }
        // A pattern takes what nobody asks for by its name or address.
        let (loose, exact) = (selections.indices.filter(isLoose), selections.indices.filter { !isLoose($0) })
        for places in [exact, loose] {
            assign(places, onlyHeld: true)
            assign(places, onlyHeld: false)
        }
        held = assigned.map { $0?.index }
        return assigned
    }

    private func isLoose(_ place: Int) -> Bool {
        if case .pattern = selections[place] { true } else { false }
    }
}
