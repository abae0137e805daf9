// SPDX-License-Identifier: Apache-2.0

/// A pair of joined interfaces (veth), each in a namespace.
package struct VirtualCable {
    /// An interface in a namespace.
    package struct End {
        var namespace: LabNamespace
        var interface: String

        package init(_ namespace: LabNamespace, _ interface: String) {
            self.namespace = namespace
            self.interface = interface
        }
    }

    private let one: End
    private let other: End

    package init(one: End, other: End) {
        self.one = one
        self.other = other
    }

    /// Lays it, both ends up and all offloads off: every frame then is of the MTU's size at most, and its
    /// checksums are complete, so that one frame on the emulated line is one packet.
    package func lay() async throws {
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
