// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What the control plane knows of a session.
package struct SessionParameters: Equatable, Sendable {
    /// Home network prefixes and delegated prefixes of both families: whose traffic this is.
    package var prefixes: [IPPrefix]
    /// GRE key of what we send; the peer chose it (RFC 5845 §3.1). nil: GRE without key.
    package var sendKey: UInt32?
    /// GRE key of what we receive; we chose it, the same for all paths, so that one
    /// sequence number space spans them (RFC 8157 §4.2).
    package var receiveKey: UInt32?
    package var distribution: Distribution
    /// Of the first packet sent with a send key that is new; a session that goes on where a killed process left it begins
    /// ahead of all that was sent (RFC 2890 §2.2).
    package var firstSequence: UInt32
    /// Another one means that somebody else sends with the receive key from now on (RFC 5845 §3.3.2).
    package var sender: UInt32
    /// In the order in which they are matched.
    package var rules: [FlowRule]

    package init(
        prefixes: [IPPrefix],
        sendKey: UInt32?,
        receiveKey: UInt32?,
        distribution: Distribution,
        firstSequence: UInt32 = 0,
        sender: UInt32 = 0,
        rules: [FlowRule] = []
    ) {
        self.prefixes = prefixes
        self.sendKey = sendKey
        self.receiveKey = receiveKey
        self.distribution = distribution
        self.firstSequence = firstSequence
        self.sender = sender
        self.rules = rules
    }
}
