// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Ports that are another host's in truth.
package struct PortForward: Equatable, Sendable {
    package let ports: TransportPorts
    package let address: IPAddress
    /// nil: the port that was asked for. Only for a single one.
    package let port: UInt16?

    package init(_ ports: TransportPorts, to address: IPAddress, port: UInt16? = nil) {
        self.ports = ports
        self.address = address
        self.port = port
    }

    /// What nft does with such a packet.
    var filterText: String {
        let target: String =
            switch (address, port) {
            case (.v4(let address), let port): "\(address)" + (port.map { ":\($0)" } ?? "")
            case (.v6(let address), let port?): "[\(address)]:\(port)"
            case (.v6(let address), nil): "\(address)"
            }
        return "\(ports.filterText) dnat \(address.isIPv4 ? "ip" : "ip6") to \(target)"
    }
}
