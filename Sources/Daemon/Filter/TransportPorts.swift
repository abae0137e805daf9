// SPDX-License-Identifier: Apache-2.0

/// Ports of one transport protocol.
package struct TransportPorts: Equatable, Sendable {
    package enum TransportProtocol: String, Sendable {
        case tcp, udp
    }

    package let transport: TransportProtocol
    package let ports: ClosedRange<UInt16>

    package init(_ transport: TransportProtocol, _ ports: ClosedRange<UInt16>) {
        self.transport = transport
        self.ports = ports
    }

    package func overlaps(_ other: TransportPorts) -> Bool {
        transport == other.transport && ports.overlaps(other.ports)
    }

    /// As the destination of a packet, in nft's words.
    var filterText: String {
        "\(transport.rawValue) dport \(ports.lowerBound)"
            + (ports.count > 1 ? "-\(ports.upperBound)" : "")
    }
}

extension TransportPorts: CustomStringConvertible {
    package var description: String {
        "\(transport.rawValue) \(ports.lowerBound)" + (ports.count > 1 ? "-\(ports.upperBound)" : "")
    }
}
