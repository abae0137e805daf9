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

    package init(prefixes: [IPPrefix], sendKey: UInt32?, receiveKey: UInt32?, distribution: Distribution) {
        self.prefixes = prefixes
        self.sendKey = sendKey
        self.receiveKey = receiveKey
        self.distribution = distribution
    }
}
