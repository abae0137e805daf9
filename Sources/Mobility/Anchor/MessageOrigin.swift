// SPDX-License-Identifier: Apache-2.0
import Wire

/// Of which kind, and of which of a gateway's paths, a message with a Mesg-ID is: such messages overtake one another.
/// All of it is under the message's authenticator, so that a replay from another address is the same path's: what the
/// IP header says anybody can write.
struct MessageOrigin: Hashable, Sendable {
    /// The mobility header's.
    var type: UInt8
    var careOf: IPAddress
    /// nil: it does not say.
    var path: PathIdentifier?

    init(of message: MobilityMessage, careOf: IPAddress) {
        type = message.type
        self.careOf = careOf
        guard let node = message.options.first(MobileNodeIdentifier.self)?.identifier else { return }
        let binding = message.options.first(MAGMultipathBinding.self)?.bindingIdentifier
        path = PathIdentifier(
            session: SessionIdentifier(mobileNode: node),
            binding: binding.flatMap(BindingIdentifier.init)
        )
    }
}
