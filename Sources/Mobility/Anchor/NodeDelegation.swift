// SPDX-License-Identifier: Apache-2.0
import Wire

/// What routers behind one mobile node's gateway have of the anchor by DHCPv6. Nothing of it is stored: what counts the
/// gateway has registered, and clients name what they have.
struct NodeDelegation: Sendable {
    struct Holder: Hashable, Sendable {
        /// As the gateway calls its link.
        var interface: [UInt8]
        var client: DHCPUniqueIdentifier
        /// IAID
        var association: UInt32
    }

    struct Lease: Sendable {
        var prefix: IPPrefix
        var until: Instant
    }

    /// Who is to get the same again.
    var leases: [Holder: Lease] = [:]
    /// Taken out of the pool, and in no update yet: until then nobody else's.
    var promises: [IPPrefix: Instant] = [:]
    var rate = MessageRate(limit: 20)

    /// nil: nothing has to be remembered.
    func deadline(at now: Instant) -> Instant? {
        (leases.values.map(\.until) + promises.values).min() ?? (rate.isIdle(at: now) ? nil : now + .seconds(1))
    }

    func isLeased(_ prefix: IPPrefix, toOthersThan holder: Holder) -> Bool {
        leases.contains { $0.key != holder && $0.value.prefix == prefix }
    }

    /// Clients whose prefixes are neither promised nor among these have nothing; so there are never more than few.
    mutating func forget(except present: [IPPrefix]) {
        leases = leases.filter { promises[$0.value.prefix] != nil || present.contains($0.value.prefix) }
    }

    /// What no update has named in time.
    mutating func lapse(at now: Instant) -> [IPPrefix] {
        let broken = promises.filter { $0.value <= now }.keys
        promises = promises.filter { $0.value > now }
        leases = leases.filter { $0.value.until > now && !broken.contains($0.value.prefix) }
        return Array(broken)
    }
}
