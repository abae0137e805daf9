// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A session of an anchor as it outlives the process.
package struct SessionRecord: Hashable, Sendable {
    package var identifier: SessionIdentifier
    package var gateway: NodeIdentifier
    package var isMultipath: Bool
    package var homeNetworkPrefixes: [IPPrefix]
    package var delegatedPrefixes: [IPPrefix]
    package var homeAddress: IPv4Address?
    package var downlinkKey: UInt32?
    package var uplinkKey: UInt32?
    package var probeNumbers: ProbeNumbers?
    /// The access side of the node, and its interface there (RFC 5213 §5.1).
    package var accessTechnology: AccessTechnology?
    package var linkLayerIdentifier: [UInt8]?
    /// The gateway has named what it was given.
    package var isConfirmed: Bool
    package var linkLocalAddress: IPv6Address?
    /// The gateway's, as its heartbeats said (RFC 5847 §3.2).
    package var restartCounter: UInt32?
    package var reserve: SequenceReserve
    package var legs: [LegRecord]
    /// The site's flow bindings.
    package var flows: [FlowBinding] = []
    /// Its gateway knows flow schemes.
    package var hasSchemes = false

    package var prefixes: [IPPrefix] {
        homeNetworkPrefixes + delegatedPrefixes + (homeAddress.map { [IPPrefix(host: .v4($0))] } ?? [])
    }

    /// Without what may be lost: a restored session gets a full lifetime, no update from before counts again, and the
    /// gateway tells its counter anew.
    var essence: SessionRecord {
        var record = self
        record.restartCounter = nil
        // The first refresh tells it, and is to be answered even while nothing can be stored.
        record.isConfirmed = false
        record.reserve = SequenceReserve(first: 0, start: 0)
        for index in record.legs.indices {
            record.legs[index].lifetime = .zero
            record.legs[index].endsAt = Timestamp(value: 0)
            // Where there is no time stamp, the number is all that tells a replay.
            if record.legs[index].timestamp != nil { record.legs[index].sequence = 0 }
            record.legs[index].timestamp = nil
            // The next refresh tells them.
            record.legs[index].metrics = LinkMetrics()
        }
        return record
    }
}
