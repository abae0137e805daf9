// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Physical mobile nodes at a gateway: they come, are served, and go (RFC 5213 §6.9.1, §6.13).
@Suite struct PhysicalNodeTests {
    typealias Domain = RoamingDomain

    private static let laptop = RoamingDomain.laptop
    private static let phone = RoamingDomain.phone

    private func attached(_ nodes: [NodeIdentifier] = [laptop]) -> Domain {
        var domain = Domain()
        for (number, node) in nodes.enumerated() { domain.attach(node, to: 0, interface: UInt8(number + 1)) }
        domain.passes(.seconds(1))
        return domain
    }

    /// §6.9.1.1
    @Test(
        arguments: [
            (HandoffIndicator.attachmentOverNewInterface, HandoffIndicator.attachmentOverNewInterface),
            (.handoffBetweenGateways, .handoffBetweenGateways), (.unknown, .unknown), (.notChanged, .unknown),
        ]
    )
    func firstUpdateSaysWhatTheAccessLinkKnows(_ handoff: HandoffIndicator, _ said: HandoffIndicator) throws {
        var domain = Domain()
        domain.attach(to: 0, handoff)
        let options = try #require(domain.updates(of: 0).first?.options)
        #expect(domain.updates(of: 0).count == 1)
        #expect(options.first(MobileNodeIdentifier.self)?.identifier == Self.laptop)
        #expect(options.first(HandoffIndicator.self) == said)
        #expect(options.first(AccessTechnologyType.self)?.technology == .ethernet)
        #expect(options.first(MobileNodeLinkLayerIdentifier.self)?.identifier == [2, 0, 0, 0, 0, 1])
        #expect(options.all(HomeNetworkPrefix.self) == [.request])
        #expect(options.first(IPv4HomeAddressRequest.self)?.isAllocation == true)
        #expect(options.first(LinkLocalAddress.self) == nil)
        #expect(options.first(DelegatedMobileNetworkPrefix.self) == nil)
    }

    /// §6.9.1.1 (7): what is not known is not there.
    @Test func unknownInterfaceIsNotNamed() throws {
        var domain = Domain()
        domain.attach(to: 0, interface: 0)
        let options = try #require(domain.updates(of: 0).first?.options)
        #expect(options.first(MobileNodeLinkLayerIdentifier.self) == nil)
        domain.passes(.seconds(1))
        #expect(domain.paths() == [0: [1, 2]])
    }

    @Test func nodeIsServedOverEveryAccessNetwork() throws {
        let domain = attached()
        let service = try #require(domain.service(at: 0))
        #expect(service.homeNetworkPrefixes.count == 1 && service.homeNetworkPrefixes.first?.length == 64)
        #expect(service.homeAddress?.subnetLength == 24 && service.homeAddress?.defaultRouter != nil)
        #expect(service.linkLocalAddress == nil)
        #expect(domain.paths() == [0: [1, 2]] && domain.gateways[0].ledger.paths.count == 2)
        // The site's routing has nothing to do with it.
        #expect(domain.gateways[0].ledger.prefixes.isEmpty && domain.gateways[0].ledger.homeAddresses.isEmpty)
        let second = try #require(domain.updates(of: 0).dropFirst().first?.options)
        #expect(second.first(HandoffIndicator.self) == .attachmentOverNewInterface)
        #expect(second.all(HomeNetworkPrefix.self).compactMap(\.prefix) == service.homeNetworkPrefixes)
        #expect(second.first(MobileNodeLinkLayerIdentifier.self) != nil)
        // One round trip, and not said again.
        #expect(domain.served.count == 1 && domain.faults.isEmpty)
    }

    @Test func refreshIsAnUpdateOfTheSameNode() throws {
        var domain = attached()
        domain.forgetMessages()
        domain.passes(.seconds(3600))
        let options = try #require(domain.updates(of: 0).first?.options)
        #expect(options.first(HandoffIndicator.self) == .notChanged)
        #expect(options.first(MobileNodeLinkLayerIdentifier.self)?.identifier == [2, 0, 0, 0, 0, 1])
        #expect(domain.served.isEmpty && domain.paths() == [0: [1, 2]] && domain.faults.isEmpty)
    }

    /// §6.9.1.4
    @Test func detachedNodeIsGoneAtOnce() {
        var domain = attached([Self.laptop, Self.phone])
        let prefixes = domain.service(at: 0)?.homeNetworkPrefixes
        domain.forgetMessages()
        domain.detach(from: 0)
        #expect(domain.service(at: 0) == nil && domain.served.map(\.node) == [Self.laptop])
        #expect(domain.gateways[0].ledger.paths.keys.allSatisfy { $0.session.mobileNode == Self.phone })
        let leaves = domain.updates(of: 0)
        #expect(leaves.count == 2 && leaves.allSatisfy(\.lifetime.isZero))
        for leave in leaves {
            #expect(leave.options.first(HandoffIndicator.self) == .unknown)
            #expect(leave.options.all(HomeNetworkPrefix.self).compactMap(\.prefix) == prefixes)
        }
        domain.passes(.milliseconds(100))
        #expect(domain.gateways[0].engine.snapshot.sessions.map(\.identifier.mobileNode) == [Self.phone])
        #expect(domain.paths().isEmpty && domain.paths(of: Self.phone) == [0: [1, 2]])
        domain.passes(.seconds(60))
        #expect(domain.service(at: 0, Self.phone) != nil && domain.faults.isEmpty)
    }

    /// §6.9.1.4: INITIAL_BINDACK_TIMEOUT.
    @Test func leaveIsNotWaitedForLong() {
        var domain = attached()
        domain.isolate(0)
        domain.detach(from: 0)
        domain.passes(.milliseconds(999))
        #expect(domain.gateways[0].engine.snapshot.sessions.count == 1)
        domain.passes(.milliseconds(1))
        #expect(domain.gateways[0].engine.snapshot.sessions.isEmpty && domain.gateways[0].ledger.isEmpty)
    }

    @Test(arguments: [0, 5, 100, 5000])
    func nodeThatComesBackIsServedAsBefore(_ milliseconds: Int) {
        var domain = attached()
        let service = domain.service(at: 0)
        domain.detach(from: 0)
        domain.passes(.milliseconds(milliseconds))
        domain.attach(to: 0, .unknown)
        domain.passes(.seconds(1))
        #expect(domain.service(at: 0) == service && domain.paths() == [0: [1, 2]])
        domain.passes(.seconds(60))
        #expect(domain.paths() == [0: [1, 2]] && domain.gateways[0].ledger.paths.count == 2)
        #expect(domain.faults.isEmpty)
    }

    /// The access link may say so as often as it likes.
    @Test func nodeThatIsThereIsNotDisturbedByComingAgain() {
        var domain = attached()
        let service = domain.service(at: 0)
        domain.forgetMessages()
        for _ in 0..<5 {
            domain.attach(to: 0, .unknown)
            domain.passes(.milliseconds(200))
        }
        #expect(domain.service(at: 0) == service && domain.served.isEmpty)
        #expect(domain.paths() == [0: [1, 2]] && domain.faults.isEmpty)
        let removed = domain.atAnchor.notices.filter { if case .bindingRemoved = $0 { true } else { false } }
        #expect(removed.isEmpty && !domain.updates(of: 0).contains(where: \.isOverwrite))
    }

    /// §6.9.1.2: 129 again after a while, 152 not before it attaches anew.
    @Test(arguments: [BindingStatus.administrativelyProhibited, .proxyRegistrationNotEnabled], [true, false])
    func refusedNodeIsNotServed(_ status: BindingStatus, _ isGone: Bool) {
        var lone = LoneGateway(RoamingDomain.gateway(0))
        lone.tell(.mobileNodeAttached(Self.attachment))
        lone.answer(status) { $0.options = $0.options.of(Self.attachment) }
        // Perhaps it is the tunnel that is refused.
        while status == .administrativelyProhibited, lone.legs.first?.state == "registering" {
            lone.answer(status) { $0.options = $0.options.of(Self.attachment) }
        }
        #expect(lone.legs.first?.state == "refused" && lone.ledger.services.isEmpty && lone.ledger.isEmpty)
        lone.forgetMessages()
        lone.passes(.seconds(61))
        #expect(lone.updates.isEmpty == (status == .proxyRegistrationNotEnabled))
        if isGone {
            lone.tell(.mobileNodeDetached(Self.laptop))
            lone.passes(.seconds(2))
        }
        lone.tell(.mobileNodeAttached(Self.attachment))
        lone.answer { $0.options = $0.options.of(Self.attachment) }
        #expect(lone.ledger.services.count == 1 && lone.ledger.faults.isEmpty)
    }

    private static let attachment = MobileNodeAttachment(
        identifier: laptop,
        linkLayerAddress: LinkLayerAddress(octets: [2, 0, 0, 0, 0, 1]),
        handoff: .attachmentOverNewInterface,
        wantsIPv4: false
    )

    /// §6.9.1.2: an answer about another interface is none, and nothing is asked again.
    @Test func answerAboutAnotherInterfaceIsNone() {
        var lone = LoneGateway(RoamingDomain.gateway(0))
        lone.tell(.mobileNodeAttached(Self.attachment))
        lone.answer()
        #expect(lone.drops == [.answerDoesNotMatch: 1] && lone.ledger.services.isEmpty)
    }

    @Test func linkLocalAddressInTheAnswerIsTheGateways() throws {
        let address = try #require(IPv6Address("fe80::77"))
        var lone = LoneGateway(RoamingDomain.gateway(0))
        lone.tell(.mobileNodeAttached(Self.attachment))
        lone.answer {
            $0.options = $0.options.of(Self.attachment)
            $0.options.append(LinkLocalAddress(address))
        }
        #expect(lone.ledger.services[Self.laptop]?.linkLocalAddress == address)
    }

    @Test func onlySoManyAreTakenUp() {
        var domain = Domain(gateways: { _, settings in settings.maximumMobileNodes = 1 })
        domain.attach(Self.laptop, to: 0)
        for _ in 0..<3 { domain.attach(Self.phone, to: 0, interface: 2) }
        domain.passes(.seconds(1))
        #expect(domain.service(at: 0) != nil && domain.service(at: 0, Self.phone) == nil)
        let notice = Notice.mobileNodeTurnedAway(Self.phone, attached: 1)
        #expect(domain.gateways[0].ledger.notices.filter { $0 == notice }.count == 1)
        domain.detach(from: 0)
        domain.passes(.seconds(1))
        domain.attach(Self.phone, to: 0, interface: 2)
        domain.passes(.seconds(1))
        #expect(domain.service(at: 0, Self.phone) != nil && domain.faults.isEmpty)
    }

    @Test func stopEndsThemAll() {
        var domain = attached([Self.laptop, Self.phone])
        domain.tell(0, .request(.stop))
        #expect(domain.gateways[0].ledger.services.isEmpty && !domain.gateways[0].engine.isStopped)
        domain.passes(.milliseconds(100))
        #expect(domain.gateways[0].engine.isStopped && domain.gateways[0].ledger.isEmpty)
        #expect(domain.gateways[0].engine.nextDeadline == nil && domain.paths().isEmpty)
        domain.attach(to: 0)
        #expect(domain.gateways[0].engine.snapshot.sessions.isEmpty && domain.faults.isEmpty)
    }

    /// Beside the site, which keeps what is its.
    @Test func siteAndNodesAreServedSideBySide() {
        var domain = Domain(gateways: { index, settings in
            if index == 0 { settings.mobileNode = ExampleDomain.mobileNode }
        })
        domain.attach(to: 0)
        domain.passes(.seconds(1))
        let site = domain.gateways[0].ledger.prefixes
        #expect(site.count == 3 && domain.service(at: 0) != nil)
        #expect(domain.paths() == [0: [1, 2]] && domain.paths(of: ExampleDomain.mobileNode) == [0: [1, 2]])
        domain.detach(from: 0)
        domain.detach(ExampleDomain.mobileNode, from: 0)
        domain.passes(.seconds(60))
        #expect(domain.gateways[0].ledger.prefixes == site && domain.gateways[0].ledger.paths.count == 2)
        let nodes = domain.gateways[0].engine.snapshot.sessions.map(\.identifier.mobileNode)
        #expect(nodes == [ExampleDomain.mobileNode] && domain.faults.isEmpty)
        // A physical one leaves nothing in the store.
        #expect(domain.gateways[0].ledger.records.keys.map(\.mobileNode) == [ExampleDomain.mobileNode])
    }
}

extension BindingUpdate {
    fileprivate var isOverwrite: Bool { options.first(MAGMultipathBinding.self)?.isOverwrite == true }
}

extension MobilityOptions {
    /// As an anchor echoes them.
    fileprivate func of(_ attachment: MobileNodeAttachment) -> MobilityOptions {
        var options = self
        if let address = attachment.linkLayerAddress { options.append(MobileNodeLinkLayerIdentifier(address.octets)) }
        return options
    }
}
