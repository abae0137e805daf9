// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Mobility
import Wire

/// What the gateway knows of its WAN links beside what the engine needs. Belongs to the control plane's thread.
final class WANTable {
    private struct Entry {
        var configuration: WANConfiguration
        var address: IPAddress?
        var mtu = defaultMTU
    }

    private static let defaultMTU = 1500

    private var entries: [String: Entry] = [:]

    init(_ wans: [WANConfiguration]) {
        for wan in wans { entries[wan.interface] = Entry(configuration: wan) }
    }

    /// The care-of address of a WAN that is up.
    func address(of interface: String) -> IPAddress? { entries[interface]?.address }

    func update(_ interface: String, address: IPAddress?, mtu: Int?) {
        entries[interface]?.address = address
        if let mtu { entries[interface]?.mtu = mtu }
    }

    /// Found by the WAN's name, or by the path's own end where there is none.
    func placement(of path: PathDescription) -> DataPlane.Placement {
        let entry =
            path.wan.flatMap { entries[$0] } ?? entries.values.first { $0.address == path.localAddress }
        return DataPlane.Placement(
            device: entry?.configuration.interface,
            mtu: entry?.mtu ?? Self.defaultMTU,
            rate: entry?.configuration.uplinkRate?.bitsPerSecond
        )
    }
}
