// SPDX-License-Identifier: Apache-2.0

/// A user packet as traffic selectors look at it: downlink, wherever it goes. The source is the correspondent, and a
/// packet on its way up is taken the other way round (RFC 6088 §3).
package struct DownlinkView: Hashable, Sendable {
    package var source: IPAddress
    package var destination: IPAddress
    /// The upper layer's, behind IPv6 extension headers.
    package var protocolNumber: UInt8
    package var ports: Ports?
    package var codePoint: DifferentiatedServicesCodePoint
    /// 0 in IPv4.
    package var flowLabel: FlowLabel
    /// Of ESP and AH.
    package var securityParameterIndex: UInt32?

    /// nil where a packet shows none.
    package struct Ports: Hashable, Sendable {
        package var source: UInt16
        package var destination: UInt16

        package init(source: UInt16, destination: UInt16) {
            self.source = source
            self.destination = destination
        }
    }

    /// What a packet of the flow would show.
    package init(
        _ tuple: FiveTuple,
        isUplink: Bool,
        codePoint: DifferentiatedServicesCodePoint,
        flowLabel: FlowLabel,
        securityParameterIndex: UInt32?
    ) {
        source = isUplink ? tuple.destination : tuple.source
        destination = isUplink ? tuple.source : tuple.destination
        protocolNumber = tuple.protocolNumber
        if InnerPacket.hasPorts(tuple.protocolNumber) {
            let ports = Ports(source: tuple.sourcePort, destination: tuple.destinationPort)
            self.ports = isUplink ? Ports(source: ports.destination, destination: ports.source) : ports
        }
        self.codePoint = codePoint
        self.flowLabel = flowLabel
        self.securityParameterIndex = securityParameterIndex
    }

    /// The octets are the packet's. A first fragment shows what its others do not.
    package init(_ packet: InnerPacket, _ octets: RawSpan, isUplink: Bool) {
        var tuple = FiveTuple(packet)
        let shown = packet.portsShown(in: octets)
        (tuple.sourcePort, tuple.destinationPort) = shown ?? (0, 0)
        self.init(
            tuple,
            isUplink: isUplink,
            codePoint: DifferentiatedServicesCodePoint(packet.trafficClass >> 2),
            flowLabel: FlowLabel(packet.flowLabel),
            securityParameterIndex: packet.securityParameterIndex(in: octets)
        )
        if shown == nil { ports = nil }
    }
}
