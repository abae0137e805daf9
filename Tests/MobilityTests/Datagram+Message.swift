// SPDX-License-Identifier: Apache-2.0
import Mobility
import Wire

extension Datagram {
    /// nil: it cannot be read.
    var message: MobilityMessage? { try? MobilityHeader(decoding: octets).message }

    var revocationIndication: BindingRevocationIndication? {
        if case .bindingRevocationIndication(let indication) = message { indication } else { nil }
    }

    var revocationAcknowledgement: BindingRevocationAcknowledgement? {
        if case .bindingRevocationAcknowledgement(let reply) = message { reply } else { nil }
    }

    var updateNotification: UpdateNotification? {
        if case .updateNotification(let notification) = message { notification } else { nil }
    }

    var updateNotificationAcknowledgement: UpdateNotificationAcknowledgement? {
        if case .updateNotificationAcknowledgement(let reply) = message { reply } else { nil }
    }
}
