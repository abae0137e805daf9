// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A revocation as the management interface shows it.
package struct RevocationRecord: SignalRecord, Equatable {
    package var number: UInt64
    package var gateway: NodeIdentifier
    package var subject: Revocation.Subject
    package var trigger: BindingRevocationTrigger
    package var outcome: RevocationOutcome?

    init(_ revocation: Revocation) {
        number = revocation.number
        gateway = revocation.gateway
        subject = revocation.subject
        trigger = revocation.trigger
    }
}
