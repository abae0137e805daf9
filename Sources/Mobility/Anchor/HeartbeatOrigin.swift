// SPDX-License-Identifier: Apache-2.0
import Wire

/// Which of a gateway's paths a heartbeat is from. All of it is under the message's authenticator, so that a replay
/// from another address is the same path's: what the IP header says anybody can write.
struct HeartbeatOrigin: Hashable, Sendable {
    var careOf: IPAddress
    /// nil: it does not say.
    var path: PathIdentifier?

    init(careOf: IPAddress, path: PathIdentifier?) {
        self.careOf = careOf
        self.path = path
    }

    init(of heartbeat: Heartbeat, careOf: IPAddress) {
        self.careOf = careOf
        guard let node = heartbeat.options.first(MobileNodeIdentifier.self)?.identifier else { return }
        let binding = heartbeat.options.first(MAGMultipathBinding.self)?.bindingIdentifier
        path = PathIdentifier(
            session: SessionIdentifier(mobileNode: node),
            binding: binding.flatMap(BindingIdentifier.init)
        )
    }
}
