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

    /// Notes a WAN's state; returns the care-of address that it has lost.
    func update(_ interface: String, to state: WANState, mtu: Int?) -> IPAddress? {
        guard var entry = entries[interface] else { return nil }
        defer { entries[interface] = entry }
        if let mtu { entry.mtu = mtu }
        let old = entry.address
        switch state {
        case .up(let address): entry.address = address
        case .down: entry.address = nil
        }
        return old == entry.address ? nil : old
    }

    /// Found by the path's own end: a session without multipath has no binding identifier.
    func placement(of path: PathDescription) -> DataPlane.Placement {
        let entry = entries.values.first { $0.address == path.localAddress }
        return DataPlane.Placement(
            device: entry?.configuration.interface,
            mtu: entry?.mtu ?? Self.defaultMTU,
            rate: entry?.configuration.uplinkRate?.bitsPerSecond
        )
    }
}
