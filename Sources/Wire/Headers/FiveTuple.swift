// SPDX-License-Identifier: Apache-2.0

/// What makes a flow: addresses, protocol and ports. Ports are 0 where the packet shows none (other protocols,
/// fragments: all fragments of a packet then agree, which keeps them on one path).
public struct FiveTuple: Hashable, Sendable {
    public var source: IPAddress
    public var destination: IPAddress
    public var protocolNumber: UInt8
    public var sourcePort: UInt16
    public var destinationPort: UInt16

    @inlinable
    public init(
        source: IPAddress,
        destination: IPAddress,
        protocolNumber: UInt8,
        sourcePort: UInt16 = 0,
        destinationPort: UInt16 = 0
    ) {
        self.source = source
        self.destination = destination
        self.protocolNumber = protocolNumber
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
    }

    @inlinable public init(_ packet: InnerPacket) {
        self.init(
            source: packet.source,
            destination: packet.destination,
            protocolNumber: packet.protocolNumber,
            sourcePort: packet.sourcePort,
            destinationPort: packet.destinationPort
        )
    }
}

extension FiveTuple: CustomStringConvertible {
    public var description: String {
        let name =
            switch protocolNumber {
            case IPProtocol.tcp: "tcp"
            case IPProtocol.udp: "udp"
            case IPProtocol.icmp, IPProtocol.icmpv6: "icmp"
            default: "proto-\(protocolNumber)"
            }
        func end(_ address: IPAddress, _ port: UInt16) -> String {
            guard port != 0 else { return address.description }
            return address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
        }
        return "\(name) \(end(source, sourcePort)) > \(end(destination, destinationPort))"
    }
}
