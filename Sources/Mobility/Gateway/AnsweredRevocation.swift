// SPDX-License-Identifier: Apache-2.0
import Wire

/// The last revocation answered: if its answer is lost it comes again, when nothing is there to be revoked any more.
struct AnsweredRevocation: Sendable {
    /// Longer than an anchor repeats it (RFC 5846 §11), with some retries more than it suggests.
    private static let memory = Duration.seconds(10)

    let indication: BindingRevocationIndication
    let reply: BindingRevocationAcknowledgement
    let at: Instant

    /// The same but for what protects it.
    func answers(_ repeated: BindingRevocationIndication, at now: Instant) -> Bool {
        now - at <= Self.memory && repeated.sequence == indication.sequence && repeated.trigger == indication.trigger
            && repeated.flags == indication.flags
            && repeated.options.unprotected.elementsEqual(indication.options.unprotected) {
                $0.optionType == $1.optionType && $0.data == $1.data
            }
    }
}

extension MobilityOptions {
    /// All that says something: neither padding nor what proves the message.
    var unprotected: [any MobilityOption] {
        all.filter { $0.optionType != MessageIdentifier.type && $0.optionType != MessageAuthentication.type }
    }
}
