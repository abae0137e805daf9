// SPDX-License-Identifier: Apache-2.0

/// What of a gateway outlives the process: the names of what it was given, the key that it chose, and how far it has
/// numbered its packets. Paths are registered anew; the anchor then finds the session that it has.
///
/// None of it is urgent: what is lost with the process the anchor tells again.
extension MobilitySession {
    /// Takes up what was stored, before it is started. What the configuration asks for no longer is not taken up.
    mutating func restore(_ stored: StoredSessions) {
        let own = stored.sessions.first { $0.identifier == session.identifier }
        guard let record = own, record.gateway == settings.identifier else { return }
        if wants(.homeNetworkPrefixes) { session.homeNetworkPrefixes = record.homeNetworkPrefixes }
        session.delegatedPrefixes = record.delegatedPrefixes.filter(wantsDelegation)
        if wants(.ipv4HomeAddress) {
            session.homeAddress = record.homeAddress.map {
                HomeAddressAssignment(address: $0, subnetLength: 32, defaultRouter: nil, isGatewayDHCPServer: false)
            }
        }
        // Another probe number all the same: probes of the life before must be worth nothing.
        session.downlinkKey = record.downlinkKey
        reserve = record.reserve
        reservedKey = record.uplinkKey
        self.stored = record
    }

    /// What the store does not know yet.
    mutating func changesToStore() -> [Action] {
        // A physical node attaches anew, and the anchor has what was its.
        guard node.isLogical else { return [] }
        let record = record
        guard record != stored else { return [] }
        // A gateway that has never been given anything has nothing to keep.
        guard stored != nil || !record.prefixes.isEmpty else { return [] }
        stored = record
        return [.store(.put(record, isUrgent: false))]
    }

    private var record: SessionRecord {
        SessionRecord(
            identifier: session.identifier,
            gateway: settings.identifier,
            isMultipath: false,
            homeNetworkPrefixes: session.homeNetworkPrefixes,
            delegatedPrefixes: session.delegatedPrefixes,
            homeAddress: session.homeAddress?.address,
            downlinkKey: session.downlinkKey,
            uplinkKey: reservedKey,
            isConfirmed: false,
            reserve: reserve,
            legs: []
        )
    }

    /// RFC 2890 §2.2: the number space is the key's. One that the anchor still has from an earlier life goes on ahead
    /// of what that has sent.
    mutating func number(with uplinkKey: UInt32?) {
        guard let uplinkKey, uplinkKey != reservedKey else { return }
        reservedKey = uplinkKey
        reserve = SequenceReserve(first: 0, start: shared.start)
    }

    mutating func sequenceAdvanced(to sequence: UInt32) {
        reserve = SequenceReserve(first: sequence, start: shared.start)
    }
}
