// SPDX-License-Identifier: Apache-2.0

/// A pair of joined interfaces (veth), each in a namespace.
struct VirtualCable {
    struct End {
        var namespace: LabNamespace
        var interface: String

        init(_ namespace: LabNamespace, _ interface: String) {
            self.namespace = namespace
            self.interface = interface
        }
    }

    var one: End
    var other: End

    /// Lays it, both ends up and all offloads off: every frame then is of the MTU's size at most, and its
    /// checksums are complete, so that one frame on the emulated line is one packet.
    func lay() async throws {
        try await one.namespace.ip(
            "link add name \(one.interface) type veth peer name \(other.interface) netns \(other.namespace.name)"
        )
        for end in [one, other] {
            try await end.namespace.run(
                ["ethtool", "-K", end.interface, "tso", "off", "gso", "off", "gro", "off", "tx", "off", "rx", "off"]
            )
            try await end.namespace.ip("link set \(end.interface) up")
        }
    }
}
