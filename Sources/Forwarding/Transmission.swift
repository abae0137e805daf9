// SPDX-License-Identifier: Apache-2.0
package import Wire

/// An encapsulated packet to send: the slot starts at what follows the outer IP header or the UDP header. An empty one
/// is a datagram without content, which keeps an address translator's memory fresh.
package struct Transmission: Equatable, Sendable {
    package var path: PathNumber
    package var slot: Slot
    /// The peer's end; with UDP where its probes come from.
    package var remote: IPAddress
    /// UDP's destination: where the peer's probes come from. 0 without UDP.
    package var port: UInt16
    /// Of the outer header: DSCP and ECN.
    package var trafficClass: UInt8
    /// The inner family: without GRE and UDP the outer protocol number (4 or 41).
    package var isIPv4: Bool
    /// Nobody may fragment it, and that it does not fit somewhere says nothing of the path but that.
    package var isWhole: Bool

    package init(
        path: PathNumber,
        slot: Slot,
        remote: IPAddress,
        port: UInt16,
        trafficClass: UInt8 = 0,
        isIPv4: Bool = false,
        isWhole: Bool = false
    ) {
        self.path = path
        self.slot = slot
        self.remote = remote
        self.port = port
        self.trafficClass = trafficClass
        self.isIPv4 = isIPv4
        self.isWhole = isWhole
    }
}
