// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Mobility
import Wire

/// What the gateway knows of its WANs beside what the engine needs. Belongs to the control plane's thread.
final class WANTable {
    private struct Entry {
        var configuration: WANConfiguration
        var address: IPAddress?
        /// The link's name of now.
        var device: String?
        var mtu = defaultMTU
    }

    private static let defaultMTU = 1500

    /// By the WANs' names.
    private var entries: [String: Entry] = [:]

    init(_ wans: [WANConfiguration]) {
        for wan in wans { entries[wan.name] = Entry(configuration: wan) }
    }

    /// The care-of address of a WAN that is up.
    func address(of name: String) -> IPAddress? { entries[name]?.address }

    func update(_ name: String, address: IPAddress?, link: LinkState?) {
        entries[name]?.address = address
        guard let link else { return }
        entries[name]?.device = link.name
        entries[name]?.mtu = link.mtu
    }

    /// Found by the WAN's name, or by the path's own end where there is none.
    func placement(of path: PathDescription) -> DataPlane.Placement {
        let entry =
            path.wan.flatMap { entries[$0] } ?? entries.values.first { $0.address == path.localAddress }
        return DataPlane.Placement(
            device: entry?.device,
            mtu: entry?.mtu ?? Self.defaultMTU,
            rate: entry?.configuration.uplinkRate?.bitsPerSecond
        )
    }
}
