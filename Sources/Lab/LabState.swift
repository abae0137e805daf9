// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// What later commands need to know of the lab that is up.
struct LabState: Codable, Sendable {
    var variant: LabVariant
    /// By WAN number.
    var generations: [Int: DynamicAddressing.Generations] = [:]

    init(_ variant: LabVariant) { self.variant = variant }

    /// Throws when there is no lab.
    static func read(from file: String) throws -> LabState {
        guard let octets = try? Data(contentsOf: URL(fileURLWithPath: file)) else {
            throw LabFailure("there is no lab: 'plait lab up' builds one")
        }
        return try JSONDecoder().decode(LabState.self, from: octets)
    }

    func write(to file: String) throws {
        try JSONEncoder().encode(self).write(to: URL(fileURLWithPath: file), options: .atomic)
    }
}
