// SPDX-License-Identifier: Apache-2.0
import Mobility

extension ConfigurationNode? {
    /// The section `revocation` (RFC 5846 §11), which may be absent as a whole.
    func revocation() throws(ConfigurationError) -> RevocationSettings {
        let usual = RevocationSettings()
        guard let self else { return usual }
        let section = try self.section(["initial-delay", "maximum-delay", "retries"])
        let initial =
            try section.optional("initial-delay")?.duration(in: .milliseconds(500) ... .seconds(10))
            ?? usual.initialDelay
        let maximum =
            try section.optional("maximum-delay")?.duration(in: .milliseconds(500) ... .seconds(10))
            ?? max(usual.maximumDelay, initial)
        guard initial <= maximum else {
            throw self.failure(
                "initial-delay \(initial.configurationText) is longer than maximum-delay \(maximum.configurationText)"
            )
        }
        let retries = try section.optional("retries")?.integer(in: 0...5) ?? usual.retries
        return RevocationSettings(initialDelay: initial, maximumDelay: maximum, retries: retries)
    }

    /// The section `notification` (RFC 7077 §7), likewise.
    func notification() throws(ConfigurationError) -> NotificationSettings {
        let usual = NotificationSettings()
        guard let self else { return usual }
        let section = try self.section(["delay", "retransmissions"])
        return NotificationSettings(
            delay: try section.optional("delay")?.duration(in: .milliseconds(500) ... .seconds(5)) ?? usual.delay,
            retransmissions: try section.optional("retransmissions")?.integer(in: 0...5) ?? usual.retransmissions
        )
    }
}
