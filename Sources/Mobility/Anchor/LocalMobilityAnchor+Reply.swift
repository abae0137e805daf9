// SPDX-License-Identifier: Apache-2.0
import Wire

/// Proxy binding acknowledgements (RFC 5213 §5.3.6).
extension LocalMobilityAnchor {
    /// What the session has, for a registration or a de-registration that succeeded.
    mutating func acceptance(
        of request: ProxyBindingUpdate,
        _ session: AnchorSession,
        status: BindingStatus,
        lifetime: BindingLifetime,
        _ flows: [FlowIdentification],
        by gateway: GatewayPeer
    ) -> Datagram {
        var options = MobilityOptions([identifier(for: request)])
        // RFC 5844 §3.1.2.6: none where only the IPv4 home address was asked for.
        if request.hasHomeNetworkPrefix {
            for prefix in homeNetworkPrefixes(of: session, answering: request) { options.append(prefix) }
        }
        appendEchoes(of: request, timestamp: request.timestamp, to: &options)
        if request.options.first(LinkLocalAddress.self) != nil, let address = session.linkLocalAddress {
            options.append(LinkLocalAddress(address))
        }
        if !lifetime.isZero, let binding = session[request.binding] {
            appendTunnel(of: binding, answering: request, in: session, to: &options)
        }
        appendMultipathEcho(of: request, to: &options)
        // RFC 7148 §5.2.2: none asked for, none told.
        if request.options.first(DelegatedMobileNetworkPrefix.self) != nil {
            for prefix in session.delegatedPrefixes { options.append(DelegatedMobileNetworkPrefix(prefix)) }
        }
        appendExtensions(of: session, answering: request, to: &options)
        // RFC 6089 §5.3.4
        for flow in flows { options.append(flow) }
        appendHomeAddress(of: session, answering: request, status, to: &options)
        // RFC 8127 §5.1
        if !lifetime.isZero, let parameters = settings.gatewayParameters?.option { options.append(parameters) }
        let encapsulation = session[request.binding]?.encapsulation
        let hasTLV = encapsulation?.usesTLV == true && !lifetime.isZero
        let reply = BindingAcknowledgement(
            status: status,
            flags: hasTLV ? [.proxyRegistration, .tlvHeader] : .proxyRegistration,
            sequence: request.update.sequence,
            lifetime: lifetime,
            options: options
        )
        counters.send(.bindingAcknowledgement(reply))
        return seal(reply, answering: request, by: gateway)
    }

    /// Ours to who shows that it knows them.
    private func appendExtensions(
        of session: AnchorSession,
        answering request: ProxyBindingUpdate,
        to options: inout MobilityOptions
    ) {
        guard let announced = CapabilityAnnouncement(in: request.options) else { return }
        var capabilities: CapabilityAnnouncement.Capabilities = []
        if announced.probeNumber != nil, session.probeNumbers != nil { capabilities.insert(.pathProbes) }
        if session.knowsReports { capabilities.insert(.pathReports) }
        if session.knowsSizeProbes { capabilities.insert(.sizeProbes) }
        if settings.flowBindings == .schemes { capabilities.insert(.flowSchemes) }
        let own = CapabilityAnnouncement(capabilities, number: session.probeNumbers?.anchor ?? 0)
        if let option = own.option { options.append(option) }
    }

    /// RFC 7864 §4.1: a prefix that the gateway hosts off-link stays so.
    private func homeNetworkPrefixes(
        of session: AnchorSession,
        answering request: ProxyBindingUpdate
    ) -> [HomeNetworkPrefix] {
        let offLink = request.options.all(HomeNetworkPrefix.self).filter(\.isOffLink).compactMap(\.prefix)
        return session.homeNetworkPrefixes.compactMap { prefix in
            var option = HomeNetworkPrefix(prefix)
            option?.isOffLink = offLink.contains(prefix)
            return option
        }
    }

    /// RFC 5844 §3.1.2.6
    private func appendHomeAddress(
        of session: AnchorSession,
        answering request: ProxyBindingUpdate,
        _ status: BindingStatus,
        to options: inout MobilityOptions
    ) {
        guard request.homeAddress != nil, let address = session.homeAddress else { return }
        let assignment = settings.assignment(of: address)
        options.append(
            IPv4HomeAddressReply(status: .success, address: address, prefixLength: assignment.subnetLength)
        )
        // Must be there with status 0, and must not with any other.
        if status == .accepted, let router = assignment.defaultRouter {
            options.append(IPv4DefaultRouterAddress(router))
        }
        if assignment.isGatewayDHCPServer { options.append(IPv4DHCPSupportMode(isServer: true)) }
    }

    /// RFC 5845 §5.2: the uplink key answers the downlink key. RFC 5844 §4.2.2: that the tunnel is UDP the gateway learns
    /// from the NAT Detection option alone.
    private func appendTunnel(
        of binding: Binding,
        answering request: ProxyBindingUpdate,
        in session: AnchorSession,
        to options: inout MobilityOptions
    ) {
        if binding.encapsulation.usesGRE, let option = request.options.first(GREKey.self) {
            options.append(GREKey(option.key == nil ? nil : session.uplinkKey))
        }
        guard binding.encapsulation.isUDP else { return }
        // Over IPv6 something stands in the way as well, or UDP would not have been asked for.
        let needsReminder = binding.isTranslated || !binding.careOf.isIPv4
        let refreshTime = needsReminder ? settings.natRefreshTime : nil
        options.append(NATDetection(forcesUDP: true, refreshTime: refreshTime))
    }

    func refusalReply(to request: ProxyBindingUpdate, _ refusal: Refusal, at now: Timestamp) -> BindingAcknowledgement {
        var options = MobilityOptions([identifier(for: request)])
        let prefixes = request.options.all.filter { $0.optionType == HomeNetworkPrefix.type }
        for prefix in prefixes { options.append(prefix) }
        if prefixes.isEmpty, request.homeAddress == nil { options.append(HomeNetworkPrefix.request) }
        if let option = request.homeAddress {
            options.append(
                IPv4HomeAddressReply(
                    status: refusal.homeAddress,
                    address: option.address,
                    prefixLength: option.prefixLength
                )
            )
        }
        let isClock = refusal.status == .timestampMismatch || refusal.status == .timestampLowerThanPreviouslyAccepted
        appendEchoes(of: request, timestamp: isClock ? now : request.timestamp, to: &options)
        if refusal.status == .messageIdentifierMismatch { options = options.withMessageIdentifier(of: now) }
        if let address = request.options.first(LinkLocalAddress.self) { options.append(address) }
        appendMultipathEcho(of: request, to: &options)
        return BindingAcknowledgement(
            status: refusal.status,
            flags: .proxyRegistration,
            sequence: refusal.sequence ?? request.update.sequence,
            lifetime: .zero,
            options: options
        )
    }

    private func identifier(for request: ProxyBindingUpdate) -> MobileNodeIdentifier {
        request.options.first(MobileNodeIdentifier.self)
            ?? MobileNodeIdentifier(NodeIdentifier(subtype: NodeIdentifier.nai, octets: []))
    }

    private func appendEchoes(
        of request: ProxyBindingUpdate,
        timestamp: Timestamp?,
        to options: inout MobilityOptions
    ) {
        options.append(request.handoff ?? HandoffIndicator(0))
        options.append(
            request.options.first(AccessTechnologyType.self) ?? AccessTechnologyType(AccessTechnology(rawValue: 0))
        )
        // RFC 5213 §5.5: the anchor's own clock in a refusal for the clock's sake, else the request's value.
        if request.timestamp != nil, let timestamp { options.append(TimestampOption(timestamp)) }
        if let identifier = request.options.first(MobileNodeLinkLayerIdentifier.self) { options.append(identifier) }
        // RFC 4285 §6: answered with what it matches its update by.
        if let identifier = request.options.first(MessageIdentifier.self) { options.append(identifier) }
        // RFC 6463 §5.3: answered as it was sent.
        if let address = request.options.first(AlternateIPv4CareOfAddress.self) { options.append(address) }
    }

    /// RFC 8278 §4.4: echoed, and the MAG Identifier never. An anchor without multipath has not seen it.
    private func appendMultipathEcho(of request: ProxyBindingUpdate, to options: inout MobilityOptions) {
        guard settings.isMultipathEnabled else { return }
        let echo = request.options.all.first { $0.optionType == MAGMultipathBinding.type }
        if let echo { options.append(echo) }
    }

    /// To where the update came from, which need not be the care-of address (RFC 5213 §5.3.6).
    func seal(
        _ reply: BindingAcknowledgement,
        answering request: ProxyBindingUpdate,
        by gateway: GatewayPeer
    ) -> Datagram {
        Authentication.seal(
            gateway.compatibility.theirForm(of: .bindingAcknowledgement(reply)),
            on: SignallingRoute(answering: request.datagram),
            careOf: request.careOf,
            by: gateway.authentication
        )
    }
}
