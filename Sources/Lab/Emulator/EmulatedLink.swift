// SPDX-License-Identifier: Apache-2.0

/// A link to emulate: its name, and the interfaces in the emulator's namespace that it joins.
package struct EmulatedLink: Hashable, Sendable {
    package var name: String
    /// The interface towards the gateway.
    package var near: String
    /// The interface towards the network.
    package var far: String

    package init(name: String, near: String, far: String) {
        self.name = name
        self.near = near
        self.far = far
    }

    /// From `name=near,far`, as on the emulator's command line.
    package init?(_ text: String) {
        let halves = text.split(separator: "=")
        guard halves.count == 2 else { return nil }
        let interfaces = halves[1].split(separator: ",")
        guard interfaces.count == 2 else { return nil }
        self.init(name: String(halves[0]), near: String(interfaces[0]), far: String(interfaces[1]))
    }

    /// As `init(_:)` reads it.
    package var argument: String { "\(name)=\(near),\(far)" }
}
