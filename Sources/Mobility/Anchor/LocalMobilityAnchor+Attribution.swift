// SPDX-License-Identifier: Apache-2.0
import Wire

/// Whose a message is that registers nothing: heartbeats, errors, revocations, acknowledgements.
extension LocalMobilityAnchor {
    enum Attribution: Sendable {
        /// `carrier`: the way back.
        case of(GatewayPeer, Revocation.Carrier)
        /// Of nobody that is known, or not in a form that anything could be made of.
        case nobodys(DropReason)
    }

    func attribute(_ message: MobilityMessage, in datagram: Datagram) -> Attribution {
        let route = SignallingRoute(answering: datagram)
        let careOf = careOf(of: message, in: datagram, on: route.pair)
        switch sender(of: message, in: datagram, careOf: careOf, on: route.pair) {
        case .dropped(let reason): return .nobodys(reason)
        case .forged: return .nobodys(.authenticationWrong)
        case .authentic(let gateway):
            guard message.options.malformed.isEmpty else { return .nobodys(.malformedOption) }
            return .of(gateway, Revocation.Carrier(route: route, careOf: careOf))
        }
    }

    func gateway(on pair: SignallingPair) -> GatewayPeer? {
        heartbeats[pair].flatMap { admission.gateway($0.gateway) }
    }

    /// What the authenticator covers: behind an address translator it is not the address that the message comes from.
    private func careOf(of message: MobilityMessage, in datagram: Datagram, on pair: SignallingPair) -> IPAddress {
        message.options.alternateCareOf ?? heartbeats[pair]?.careOf ?? datagram.source
    }

    /// Heartbeats name nobody, so without authentication the address has to do.
    private func sender(
        of message: MobilityMessage,
        in datagram: Datagram,
        careOf: IPAddress,
        on pair: SignallingPair
    ) -> Admission.Sender {
        guard message.options.authentication == nil else {
            return admission.sender(
                of: message,
                octets: datagram.octets,
                careOf: careOf,
                expected: heartbeats[pair]?.gateway
            )
        }
        if let gateway = gateway(on: pair) {
            guard case .none = gateway.authentication else { return .dropped(.authenticationMissing) }
            return .authentic(gateway)
        }
        // After a restart no binding tells who that is, and its heartbeat is what tells it of the restart.
        let open = admission.gateways.first { $0.authentication == .none }
        return open.map { .authentic($0) } ?? .dropped(.authenticationMissing)
    }
}
