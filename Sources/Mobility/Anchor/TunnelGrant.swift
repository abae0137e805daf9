// SPDX-License-Identifier: Apache-2.0
import Wire

/// What a tunnel is to be: what an update asks for, what an address translator on the way asks for, and what the
/// operator permits (RFC 5844 §4.1.3.1, RFC 5845 §5.2, §7.4).
struct TunnelGrant: Equatable {
    var encapsulation: TunnelEncapsulation
    /// Of an acceptance: 0, 2 or 3.
    var status: BindingStatus

    static func decide(_ request: ProxyBindingUpdate, by settings: AnchorSettings) -> Result<TunnelGrant, Refusal> {
        guard request.options.first(GREKey.self) != nil else {
            // RFC 5845 §5.2
            guard !settings.isGRERequired else { return .failure(Refusal(.greKeyOptionRequired)) }
            return withoutGRE(request, by: settings, status: .accepted)
        }
        if let grant = withGRE(request, by: settings) { return .success(grant) }
        guard !settings.isGRERequired else { return .failure(Refusal(.administrativelyProhibited)) }
        return withoutGRE(request, by: settings, status: .greKeyOptionNotRequired)
    }

    /// nil: GRE is not to be had.
    private static func withGRE(_ request: ProxyBindingUpdate, by settings: AnchorSettings) -> TunnelGrant? {
        let permitted = settings.permittedEncapsulations
        let wantsTLV = request.update.flags.contains(.tlvHeader)
        // RFC 5845 §7.2: GRE over UDP stands behind a TLV header, which is not used unasked.
        if wantsTLV, request.canHaveUDP, permitted.contains(.udpTLVGRE) {
            return TunnelGrant(encapsulation: .udpTLVGRE, status: .accepted)
        }
        // GRE passes no translator, and F without T leaves no room for it.
        let needsUDP = request.isTranslated || request.update.flags.contains(.forceUDP) && !wantsTLV
        guard !needsUDP, permitted.contains(.gre) else { return nil }
        let status: BindingStatus = wantsTLV ? .greTunnelingButTLVHeaderNotSupported : .accepted
        return TunnelGrant(encapsulation: .gre, status: status)
    }

    private static func withoutGRE(
        _ request: ProxyBindingUpdate,
        by settings: AnchorSettings,
        status: BindingStatus
    ) -> Result<TunnelGrant, Refusal> {
        let permitted = settings.permittedEncapsulations
        let wantsTLV = request.update.flags.contains(.tlvHeader)
        let isForced = request.update.flags.contains(.forceUDP)
        if request.canHaveUDP, wantsTLV, permitted.contains(.udpTLV) {
            return .success(TunnelGrant(encapsulation: .udpTLV, status: status))
        }
        // A translator on the way lets nothing but UDP through, whatever was asked for.
        if request.canHaveUDP, wantsTLV || isForced || request.isTranslated, permitted.contains(.udp) {
            return .success(TunnelGrant(encapsulation: .udp, status: status))
        }
        guard !request.isTranslated, !isForced else { return .failure(Refusal(.administrativelyProhibited)) }
        guard permitted.contains(.ipInIP) else {
            let hasAsked = request.options.first(GREKey.self) != nil
            let isGREToBeHad = !hasAsked && permitted.contains(.gre)
            return .failure(Refusal(isGREToBeHad ? .greKeyOptionRequired : .administrativelyProhibited))
        }
        return .success(TunnelGrant(encapsulation: .ipInIP, status: status))
    }
}
