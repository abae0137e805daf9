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

        /// The kernel notices a carrier a moment after both ends are up, and the link-local address comes with it. Asked for
        /// this one link it looks at once; who asks for all of them is told up to a second later.
        fileprivate func becomeReady() async throws {
            let isReady = try await Patience.wait(.seconds(30)) {
                try await namespace.ip("link show dev \(interface)").contains(" state UP ")
            }
            guard isReady else { throw LabFailure("\(interface) in \(namespace.name) has no carrier") }
        }
    }

    private let one: End
    private let other: End

    package init(one: End, other: End) {
        self.one = one
        self.other = other
    }

    /// Lays it, both ends up and all offloads off: every frame then is of the MTU's size at most, and its
    /// checksums are complete, so that one frame on the emulated line is one packet. It carries when this returns.
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
        for end in [one, other] { try await end.becomeReady() }
    }
}
