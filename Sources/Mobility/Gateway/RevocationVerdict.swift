// SPDX-License-Identifier: Apache-2.0
import Wire

/// What an indication means to a session, and what is answered (RFC 5846 §9.1).
struct RevocationVerdict: Sendable {
    var status: BindingRevocationStatus
    /// Of the links whose bindings go.
    var links: [Int] = []
    /// Every path, registered or not.
    var isWhole = false
    var isHomeAddress = false
    /// What it names and the gateway does not have.
    var missing = MobilityOptions()

    init(_ status: BindingRevocationStatus) { self.status = status }
}
