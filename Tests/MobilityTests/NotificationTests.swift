// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Both ends: what the anchor notifies its gateway of (RFC 7077 §5, §6).
@Suite struct NotificationTests {
    typealias Domain = ExampleDomain

    private func notify(
        _ reason: NotificationReason,
        _ target: NotificationTarget = .mobileNode(Domain.mobileNode),
        isAcknowledgementRequested: Bool = false,
        in talk: inout Conversation
    ) {
        talk.tellAnchor(.request(.notify(target, reason, isAcknowledgementRequested: isAcknowledgementRequested)))
        talk.passes(.milliseconds(100))
    }

    private func notifications(_ talk: Conversation) -> [UpdateNotification] {
        talk.sent.compactMap(\.datagram.updateNotification)
    }

    private func outcomes(_ talk: Conversation) -> [NotificationOutcome?] {
        talk.anchor.snapshot.notifications.map(\.outcome)
    }

    /// RFC 7077 §6.1, reason 1: a proxy binding update at once; §5.1: an acknowledgement is better not asked for.
    @Test func forcedRegistrationRefreshesEveryPath() throws {
        var talk = Domain.registered()
        talk.forgetMessages()
        notify(.forceReregistration, in: &talk)
        let notification = try #require(notifications(talk).first)
        #expect(notification.flags.isEmpty)
        #expect(notification.options.first(MobileNodeIdentifier.self)?.identifier == Domain.mobileNode)
        #expect(talk.updates.count == 2)
        #expect(talk.updates.allSatisfy { $0.options.first(HandoffIndicator.self) == .notChanged })
        #expect(talk.acknowledgements.map(\.status) == [.accepted, .accepted])
        #expect(talk.sent.compactMap(\.datagram.updateNotificationAcknowledgement).isEmpty)
        #expect(outcomes(talk) == [.sent])
    }

    /// RFC 7077 §5: Group Identifier 1 is all sessions between the two.
    @Test func groupOfAllSessionsIsTheGateways() throws {
        var talk = Domain.registered()
        talk.forgetMessages()
        notify(.forceReregistration, .gateway(Domain.gatewayName), isAcknowledgementRequested: true, in: &talk)
        let notification = try #require(notifications(talk).first)
        #expect(notification.flags == .acknowledgementRequested)
        #expect(notification.options.first(MobileNodeGroupIdentifier.self)?.group == 1)
        #expect(notification.options.first(MobileNodeIdentifier.self) == nil)
        let reply = try #require(talk.sent.compactMap(\.datagram.updateNotificationAcknowledgement).first)
        // RFC 7077 §6.2
        #expect(reply.sequence == notification.sequence && reply.status == .success)
        #expect(reply.options.first(MobileNodeGroupIdentifier.self)?.group == 1)
        #expect(talk.updates.count == 2 && outcomes(talk) == [.answered(.success)])
    }

    /// RFC 7077 §6.1, reason 4: in the update stands what is known of the access network.
    @Test func accessNetworksAreNamedWhenAskedFor() {
        var talk = Domain.registered()
        talk.forgetMessages()
        notify(.accessNetworkIdentifierRequested, in: &talk)
        let names = talk.updates.compactMap {
            $0.options.first(AccessNetworkIdentifier.self)?.subOptions.first(NetworkIdentifier.self)?.networkName
        }
        #expect(names == [Array("wan1".utf8), Array("wan2".utf8)])
        #expect(talk.acknowledgements.map(\.status) == [.accepted, .accepted])
    }

    struct Reply: Sendable {
        var reason: NotificationReason
        var status: NotificationStatus
    }

    /// RFC 7077 §6.1: reasons 2 and 3; RFC 7222 §5.2; what no document has given a meaning to.
    static let refusals = [
        Reply(reason: .updateSessionParameters, status: .failedToUpdateSessionParameters),
        Reply(reason: .vendorSpecificReason, status: .missingVendorSpecificOption),
        Reply(reason: .qosServiceRequest, status: .cannotMeetQoSServiceRequest),
        Reply(reason: .flowMobility, status: .reasonUnspecified),
        Reply(reason: NotificationReason(rawValue: 0), status: .reasonUnspecified),
        Reply(reason: NotificationReason(rawValue: 255), status: .reasonUnspecified),
    ]

    @Test(arguments: refusals) func whatCannotBeDoneIsSaidIfAskedFor(_ refusal: Reply) {
        var talk = Domain.registered()
        talk.forgetMessages()
        notify(refusal.reason, isAcknowledgementRequested: true, in: &talk)
        #expect(outcomes(talk) == [.answered(refusal.status)])
        #expect(talk.updates.isEmpty && talk.gateway.snapshot.counters.dropped.isEmpty)
        talk.passes(.seconds(2))
        // RFC 7077 §6.1: else it is dropped.
        notify(refusal.reason, in: &talk)
        #expect(talk.gateway.snapshot.counters.dropped[.notApplicable] == 1)
        #expect(talk.updates.isEmpty && outcomes(talk).last == .sent)
    }

    // MARK: Messages that get lost

    /// RFC 7077 §5.2: once more after a second, with D and the same number; then it is given up.
    @Test func unacknowledgedNotificationIsRepeatedOnce() {
        var talk = Domain.registered()
        talk.network.dead = [Domain.lte, Domain.dsl]
        talk.forgetMessages()
        let start = talk.now
        notify(.forceReregistration, isAcknowledgementRequested: true, in: &talk)
        talk.passes(.seconds(10))
        let sent = talk.sent.filter { $0.datagram.updateNotification != nil }
        #expect(sent.map { $0.at - start } == [.zero, .seconds(1)])
        #expect(
            notifications(talk).map(\.flags) == [
                .acknowledgementRequested, [.acknowledgementRequested, .retransmission],
            ]
        )
        #expect(Set(notifications(talk).map(\.sequence)).count == 1)
        #expect(outcomes(talk) == [.unanswered])
    }

    @Test func notificationWithoutAcknowledgementIsNotRepeated() {
        var talk = Domain.registered()
        talk.network.dead = [Domain.lte, Domain.dsl]
        talk.forgetMessages()
        notify(.forceReregistration, in: &talk)
        talk.passes(.seconds(10))
        #expect(notifications(talk).count == 1)
    }

    /// RFC 7077 §6.1: answered again, not done again.
    @Test func repetitionIsAnsweredAndNotDoneAgain() {
        var talk = Domain.registered()
        talk.forgetMessages()
        talk.network.loses(next: 3, .toAnchor)
        notify(.forceReregistration, isAcknowledgementRequested: true, in: &talk)
        talk.network.quietens()
        talk.passes(.milliseconds(950))
        #expect(
            talk.sent.compactMap(\.datagram.updateNotificationAcknowledgement).map(\.status) == [.success, .success]
        )
        #expect(outcomes(talk) == [.answered(.success)])
        talk.passes(.seconds(3))
        // The two lost refreshes, and their repetitions.
        #expect(talk.updates.count == 4)
    }

    /// RFC 7077 §6.1: the first was lost, so D or not it is a new one.
    @Test func repetitionOfWhatWasLostIsDone() {
        var talk = Domain.registered()
        talk.forgetMessages()
        talk.network.loses(next: 1, .toGateway)
        notify(.forceReregistration, isAcknowledgementRequested: true, in: &talk)
        talk.passes(.seconds(2))
        #expect(talk.updates.count == 2 && outcomes(talk) == [.answered(.success)])
    }

    /// RFC 7077 §5.1: it grows by one.
    @Test func numbersGrow() {
        var talk = Domain.registered()
        talk.forgetMessages()
        for _ in 0..<3 { notify(.forceReregistration, in: &talk) }
        let numbers = notifications(talk).map(\.sequence)
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 &+ 1 } && numbers.count == 3)
    }

    // MARK: Limits, and who may

    /// RFC 6275 §12, MAX_UPDATE_RATE
    @Test func threeASecondAreTheMost() {
        var talk = Domain.registered()
        talk.forgetMessages()
        for _ in 0..<5 {
            talk.tellAnchor(
                .request(
                    .notify(.mobileNode(Domain.mobileNode), .forceReregistration, isAcknowledgementRequested: true)
                )
            )
        }
        #expect(notifications(talk).count == 3)
        #expect(outcomes(talk) == [nil, nil, nil, .tooOften, .tooOften])
        talk.passes(.seconds(1))
        #expect(outcomes(talk).prefix(3) == [.answered(.success), .answered(.success), .answered(.success)])
        notify(.forceReregistration, in: &talk)
        #expect(notifications(talk).count == 4)
    }

    @Test func gatewayTakesThreeASecond() {
        var lone = LoneGateway()
        lone.answer()
        for number in 0..<5 as Range<UInt16> {
            lone.passes(.milliseconds(1))
            lone.tell(.received(datagram(number, to: lone)))
        }
        #expect(lone.drops[.rateExceeded] == 2)
    }

    private func datagram(
        _ number: UInt16,
        to lone: LoneGateway,
        _ options: [any MobilityOption] = [MobileNodeIdentifier(Domain.mobileNode)],
        by authentication: PeerAuthentication? = nil
    ) -> Datagram {
        let notification = UpdateNotification(
            sequence: number,
            reason: .forceReregistration,
            flags: .acknowledgementRequested,
            options: MobilityOptions(options + [MessageIdentifier(lone.now.timestamp)])
        )
        var frame = HandmadeUpdate()
        (frame.source, frame.destination, frame.careOf) = (Domain.anchorIPv6, Domain.lte, Domain.lte)
        frame.authentication = authentication ?? lone.authentication
        return frame.seal(.updateNotification(notification))
    }

    /// RFC 7077 §5, §6.1: the node's or the group's option has to be there, the protection as well.
    @Test func unusableNotificationsAreDropped() {
        var lone = LoneGateway()
        lone.answer()
        lone.forgetMessages()
        lone.tell(.received(datagram(1, to: lone, [])))
        lone.passes(.milliseconds(1))
        lone.tell(.received(datagram(2, to: lone, by: PeerAuthentication.none)))
        let replayed = datagram(3, to: lone, [MobileNodeIdentifier(NodeIdentifier(nai: "other@example.net"))])
        lone.tell(.received(replayed))
        lone.tell(.received(replayed))
        #expect(lone.drops[.malformedOption] == 1 && lone.drops[.authenticationMissing] == 1)
        #expect(lone.drops[.replayed] == 1 && lone.updates.isEmpty)
        #expect(lone.sent.compactMap(\.updateNotificationAcknowledgement).map(\.status) == [.mobileNodeNotAttached])
    }

    /// RFC 7077 §5.2
    @Test func acknowledgementsThatDoNotMatchAreDropped() throws {
        var lone = LoneAnchor()
        lone.ask()
        let request = AdministrativeRequest.notify(
            .mobileNode(Domain.mobileNode),
            .forceReregistration,
            isAcknowledgementRequested: true
        )
        let sent = try #require(lone.tell(.request(request)).compactMap(\.updateNotification).first)
        let name = MobilityOptions([MobileNodeIdentifier(Domain.mobileNode)])
        let wrong = [
            UpdateNotificationAcknowledgement(sequence: sent.sequence &+ 1, status: .success, options: name),
            UpdateNotificationAcknowledgement(sequence: sent.sequence, status: .success, options: MobilityOptions()),
        ]
        for reply in wrong {
            lone.tell(.received(HandmadeUpdate().seal(.updateNotificationAcknowledgement(reply))))
        }
        #expect(lone.drops[.noMatchingRequest] == 1 && lone.drops[.answerDoesNotMatch] == 1)
        #expect(lone.anchor.snapshot.notifications.map(\.outcome) == [nil])
        let right = UpdateNotificationAcknowledgement(sequence: sent.sequence, status: .success, options: name)
        lone.tell(.received(HandmadeUpdate().seal(.updateNotificationAcknowledgement(right))))
        #expect(lone.anchor.snapshot.notifications.map(\.outcome) == [.answered(.success)])
    }

    /// RFC 7077 §5.2: processed like one that was asked for.
    @Test func acknowledgementThatWasNotAskedForCounts() throws {
        var lone = LoneAnchor()
        lone.ask()
        let request = AdministrativeRequest.notify(
            .mobileNode(Domain.mobileNode),
            .updateSessionParameters,
            isAcknowledgementRequested: false
        )
        let sent = try #require(lone.tell(.request(request)).compactMap(\.updateNotification).first)
        let name = MobilityOptions([MobileNodeIdentifier(Domain.mobileNode)])
        let status = NotificationStatus.failedToUpdateSessionParameters
        let reply = UpdateNotificationAcknowledgement(sequence: sent.sequence, status: status, options: name)
        lone.tell(.received(HandmadeUpdate().seal(.updateNotificationAcknowledgement(reply))))
        #expect(lone.anchor.snapshot.notifications.map(\.outcome) == [.answered(status)])
    }

    /// RFC 7077 §5.2: never again.
    @Test func gatewayWithoutNotificationsIsNotNotifiedTwice() {
        var lone = LoneAnchor()
        lone.ask()
        let request = AdministrativeRequest.notify(
            .mobileNode(Domain.mobileNode),
            .forceReregistration,
            isAcknowledgementRequested: false
        )
        #expect(lone.tell(.request(request)).count == 1)
        let error = BindingError(status: BindingError.unknownMobilityHeaderType, homeAddress: .zero)
        lone.tell(.received(HandmadeUpdate().seal(.bindingError(error))))
        #expect(lone.tell(.request(request)).isEmpty)
        #expect(lone.anchor.snapshot.notifications.map(\.outcome) == [.unsupported, .unsupported])
    }

    // MARK: After a revocation

    @Test func notificationBringsARevokedPathBackAtOnce() throws {
        var talk = Domain.registered()
        talk.tellAnchor(.request(.revoke(.binding(try #require(Domain.binding(2)), of: Domain.mobileNode))))
        talk.passes(.seconds(1))
        #expect(talk.atAnchor.paths.count == 1)
        notify(.forceReregistration, in: &talk)
        #expect(talk.atAnchor.paths.count == 2 && talk.atGateway.paths.count == 2)
    }

    @Test func notificationBringsARevokedHomeAddressBack() {
        var (anchor, gateway) = (Domain.anchor, Domain.gateway)
        anchor.ipv4HomeAddresses = PrefixPool(range: Domain.prefix("10.9.0.0/24"), length: 32)
        gateway.requestsIPv4HomeAddress = true
        var talk = Domain.registered(anchor: anchor, gateway: gateway)
        talk.tellAnchor(.request(.revoke(.homeAddress(of: Domain.mobileNode))))
        talk.passes(.seconds(1))
        #expect(talk.atGateway.homeAddresses.isEmpty)
        notify(.forceReregistration, in: &talk)
        #expect(talk.atGateway.homeAddresses.count == 1)
        #expect(talk.atGateway.homeAddresses == talk.atAnchor.homeAddresses)
    }
}
