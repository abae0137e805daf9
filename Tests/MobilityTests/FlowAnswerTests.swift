// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Testing
import Wire

/// Each status of Flow Identification, produced by the anchor and met by the gateway (RFC 6089 §4.2, §5.2.6, §5.3).
@Suite struct FlowAnswerTests {
    typealias Domain = ExampleDomain

    private static let selector = FlowScene.rule(1).selector

    private static func option(
        _ identifier: UInt16,
        priority: UInt16? = nil,
        _ parts: [any SubOption]? = nil
    ) -> FlowIdentification {
        FlowIdentification(
            identifier: identifier,
            priority: priority ?? identifier,
            subOptions: SubOptions(parts ?? [BindingReference([1]), TrafficSelectorSubOption(selector)])
        )
    }

    private static func scheme(_ treatment: FlowTreatment, labels: [UInt8] = []) -> FlowVendorSpecific {
        FlowVendorSpecific(FlowScheme(of: FlowScene.rule(1, treatment, .labels(labels))))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var options: [any MobilityOption]
        var statuses: [FlowBindingStatus]
    }

    private static let unknownTreatment: [UInt8] =
        [0, 0, 0x7E, 0xD9, 1, 99, 0, 0] + [UInt8](repeating: 0, count: 16)
    private static let other = TrafficSelectorSubOption(.other(format: 3, octets: [1, 2]))
    private static let reference = BindingReference([1])
    private static let whole = TrafficSelectorSubOption(selector)

    static let answers: [Case] = [
        Case(testDescription: "new", options: [option(1)], statuses: [.successful]),
        Case(
            testDescription: "new without selector",
            options: [option(1, [reference])],
            statuses: [.malformed]
        ),
        Case(testDescription: "new without reference", options: [option(1, [whole])], statuses: [.malformed]),
        Case(
            testDescription: "two selectors",
            options: [option(1, [reference, whole, whole])],
            statuses: [.malformed]
        ),
        Case(
            testDescription: "two references",
            options: [option(1, [reference, reference, whole])],
            statuses: [.malformed]
        ),
        Case(
            testDescription: "selector whose end has no start",
            options: [option(1, [reference, UnknownOption(optionType: 3, data: [1, 0, 0x40, 0, 0, 0])])],
            statuses: [.malformed]
        ),
        Case(
            testDescription: "scheme that ends too early",
            options: [option(1, [reference, whole, UnknownOption(optionType: 255, data: [0, 0, 0x7E, 0xD9, 1, 2])])],
            statuses: [.malformed]
        ),
        Case(
            testDescription: "treatment that nobody knows",
            options: [
                option(
                    1,
                    [
                        reference, whole,
                        UnknownOption(optionType: 255, data: unknownTreatment),
                    ]
                )
            ],
            statuses: [.malformed]
        ),
        Case(
            testDescription: "another vendor's sub-option is skipped",
            options: [option(1, [reference, whole, UnknownOption(optionType: 255, data: [0, 0, 0, 9, 1, 2])])],
            statuses: [.successful]
        ),
        Case(
            testDescription: "unreadable as a whole",
            options: [UnknownOption(optionType: 45, data: [0, 5, 0, 6, 0])],
            statuses: [.malformed]
        ),
        Case(testDescription: "FID 0", options: [option(0, priority: 1)], statuses: [.malformed]),
        Case(testDescription: "FID-PRI 0", options: [option(1, priority: 0)], statuses: [.malformed]),
        Case(
            testDescription: "one flow twice spoils all",
            options: [option(1), option(2), option(1, priority: 3)],
            statuses: [.malformed, .malformed, .malformed]
        ),
        Case(
            testDescription: "format that nobody knows",
            options: [option(1, [reference, other])],
            statuses: [.selectorFormatNotSupported]
        ),
        Case(
            testDescription: "binding that is not there",
            options: [option(1, [BindingReference([1, 7]), whole])],
            statuses: [.bindingNotFound]
        ),
        Case(
            testDescription: "binding that RFC 8278 has no number for",
            options: [option(1, [BindingReference([257]), whole])],
            statuses: [.bindingNotFound]
        ),
        Case(testDescription: "unknown flow to be kept", options: [FlowSummary([4])], statuses: [.flowNotFound]),
        Case(
            testDescription: "told and kept at once",
            options: [option(1), FlowSummary([1])],
            statuses: [.successful]
        ),
        Case(
            testDescription: "priority used twice",
            options: [option(1, priority: 5), option(2, priority: 5)],
            statuses: [.successful, .rejected]
        ),
        Case(testDescription: "the anchor's FID", options: [option(0x8000, priority: 1)], statuses: [.rejected]),
        Case(testDescription: "the anchor's priority", options: [option(1, priority: 0x8000)], statuses: [.rejected]),
        Case(
            testDescription: "bypass",
            options: [option(1, [reference, whole, scheme(.bypass)])],
            statuses: [.rejected]
        ),
    ]

    @Test(arguments: answers) func anchorSaysWhatBecameOfIt(_ asked: Case) {
        var alone = LoneAnchor()
        let reply = alone.ask { $0.further = asked.options }
        #expect(reply?.status == .accepted)
        #expect(reply?.options.all(FlowIdentification.self).map(\.status) == asked.statuses)
        let accepted = asked.statuses.filter { $0 == .successful }.count
        #expect(alone.session?.flowBindings.count == accepted)
    }

    /// RFC 6089 §5.3.2: copies, with nothing but the status changed.
    @Test func copiesAreWhole() {
        var alone = LoneAnchor()
        let whole = Self.option(1, [Self.reference, Self.whole, Self.scheme(.bond)])
        let told = [whole, Self.option(2, [Self.reference])]
        let reply = alone.ask { $0.further = told }
        var expected = told
        expected[1].status = .malformed
        #expect(reply?.options.all(FlowIdentification.self) == expected)
    }

    /// RFC 6089 §5.3.2.2: what a change does not name stays.
    @Test func changesLeaveWhatTheyDoNotName() {
        var alone = LoneAnchor()
        alone.ask { $0.further = [Self.option(1, [Self.reference, Self.whole, Self.scheme(.bond, labels: [11])])] }
        alone.ask { $0.further = [Self.option(1, priority: 9, [])] }
        var expected = FlowScene.rule(1, priority: 9, .bond, .labels([11]))
        #expect(alone.session?.flowBindings.map(\.rule) == [expected])
        // A new reference alone is RFC 6089's own: to that binding.
        alone.ask { $0.further = [Self.option(1, priority: 9, [Self.reference])] }
        expected.treatment = .pin
        expected.paths = .bindings([1])
        expected.name = ""
        #expect(alone.session?.flowBindings.map(\.rule) == [expected])
        // What is refused changes nothing.
        let reply = alone.ask { $0.further = [Self.option(1, priority: 3, [Self.other])] }
        #expect(reply?.options.all(FlowIdentification.self).map(\.status) == [.selectorFormatNotSupported])
        #expect(alone.session?.flowBindings.map(\.rule) == [expected])
    }

    /// RFC 6089 §5.2.4, wire facts F: nothing named, nothing kept.
    @Test func updateThatNamesNoneDeletesAll() {
        var alone = LoneAnchor()
        alone.ask { $0.further = [Self.option(1), Self.option(2)] }
        alone.ask { $0.further = [FlowSummary([2])] }
        #expect(alone.session?.flowBindings.map(\.rule.identifier) == [2])
        alone.ask()
        #expect(alone.session?.flowBindings.isEmpty == true)
    }

    @Test func moreThanTheBoundIsRejected() {
        var alone = LoneAnchor()
        for first in stride(from: 1, through: 241, by: 16) {
            let known = (1..<first).map(UInt16.init)
            let summaries = stride(from: 0, to: known.count, by: 127).map {
                FlowSummary(Array(known[$0..<min($0 + 127, known.count)]))
            }
            let told = (first..<first + 16).map { Self.option(UInt16($0)) }
            alone.ask { $0.further = summaries.filter { !$0.flowIdentifiers.isEmpty } + told }
        }
        #expect(alone.session?.flowBindings.count == 256)
        let known = (1...256).map(UInt16.init)
        let reply = alone.ask {
            $0.further = [
                FlowSummary(Array(known[..<127])), FlowSummary(Array(known[127..<254])),
                FlowSummary(Array(known[254...])), Self.option(300),
            ]
        }
        #expect(reply?.options.all(FlowIdentification.self).map(\.status) == [.rejected])
        #expect(alone.session?.flowBindings.count == 256)
    }

    /// RFC 5213 §5.5 over many paths: an update that another path's has overtaken deletes nothing that the other one told.
    @Test func overtakenUpdateDeletesNothing() {
        var alone = LoneAnchor()
        alone.ask()
        let earlier = alone.now.timestamp
        alone.ask { $0.further = [Self.option(1)] }
        let reply = alone.ask {
            $0.source = Domain.wlan
            $0.multipath?.bindingIdentifier = 2
            $0.timestamp = earlier
            $0.further = [Self.option(3)]
        }
        #expect(reply?.status == .accepted && reply?.options.all(FlowIdentification.self).count == 1)
        #expect(alone.session?.flowBindings.map(\.rule.identifier) == [1])
    }

    /// Another gateway's update says which flows there are.
    @Test func flowsDoNotOutliveTheirGateway() {
        var settings = Domain.anchor
        var second = settings.gateways[0]
        second.identifier = NodeIdentifier(nai: "mag2@example.net")
        second.authentication = .sharedKey(
            SecurityAssociation(spi: 257, key: Domain.key, algorithm: .hmacSHA256_128)
        )
        settings.gateways.append(second)
        var alone = LoneAnchor(settings)
        alone.ask { $0.further = [Self.option(1)] }
        let home = alone.session?.homeNetworkPrefixes.compactMap(HomeNetworkPrefix.init) ?? []
        let reply = alone.ask {
            $0.gateway = second.identifier
            $0.authentication = second.authentication
            $0.source = Domain.wlan
            $0.handoff = .handoffBetweenGateways
            $0.multipath?.isOverwrite = true
            $0.prefixes = home
            $0.further = [FlowSummary([1])]
        }
        #expect(reply?.status == .accepted)
        #expect(reply?.options.all(FlowIdentification.self).map(\.status) == [.flowNotFound])
        #expect(alone.session?.flowBindings.isEmpty == true)
    }

    // MARK: At the gateway

    /// Answers an update with each of its flows under this status.
    private func answer(_ alone: inout LoneGateway, _ status: FlowBindingStatus, only: UInt16? = nil) {
        let told = FlowScene.told(alone.updates.last)
        alone.answer { reply in
            for option in told {
                var copy = option
                copy.status = only.map { $0 == option.identifier } ?? true ? status : .successful
                reply.options.append(copy)
            }
        }
    }

    private func registered(_ rules: [FlowRule]) -> LoneGateway {
        var alone = LoneGateway()
        alone.answer()
        alone.tell(.policyChanged(rules))
        return alone
    }

    private func state(_ alone: LoneGateway) -> FlowBindingSnapshot.State? {
        alone.gateway.snapshot.session.flowBindings.first?.state
    }

    @Test(
        arguments: [
            FlowBindingStatus.administrativelyProhibited, .rejected, .malformed, .selectorFormatNotSupported,
            .flowNotFound, FlowBindingStatus(rawValue: 200),
        ]
    )
    func refusedRuleStaysAtHomeUntilItChanges(_ status: FlowBindingStatus) {
        var alone = registered([FlowScene.rule(1)])
        #expect(FlowScene.told(alone.updates.last).map(\.identifier) == [1] && state(alone) == .pending)
        answer(&alone, status)
        let count = alone.updates.count
        #expect(state(alone) == .refused(status))
        #expect(alone.ledger.sessions.values.first?.rules == [FlowScene.rule(1)])
        alone.tell(.pathCondition(Domain.path(1), .alive))
        alone.passes(.seconds(60))
        #expect(alone.updates.count == count)
        // RFC 6089 §4.2, 130: the one that only we can have caused.
        let isOurFault = alone.ledger.notices.contains { $0.description.contains("our fault") }
        #expect(isOurFault == (status == .malformed))
        let other = FlowScene.rule(1, port: 99)
        alone.tell(.policyChanged([other]))
        #expect(alone.updates.count == count + 1 && FlowScene.told(alone.updates.last).map(\.identifier) == [1])
        answer(&alone, .successful)
        #expect(state(alone) == .agreed)
    }

    /// A change that is refused leaves the old rule at the anchor, where nobody wants it any more.
    @Test func refusedChangeDeletesWhatWasBefore() {
        var alone = registered([FlowScene.rule(1)])
        answer(&alone, .successful)
        alone.tell(.policyChanged([FlowScene.rule(1, port: 9)]))
        answer(&alone, .rejected)
        #expect(FlowScene.told(alone.updates.last).isEmpty && FlowScene.kept(alone.updates.last).isEmpty)
        let count = alone.updates.count
        alone.answer()
        alone.passes(.seconds(60))
        #expect(alone.updates.count == count && state(alone) == .refused(.rejected))
    }

    /// 131: again once there is another binding.
    @Test func missingBindingIsWaitedFor() {
        var alone = registered([FlowScene.rule(1)])
        // Without it the anchor is no multipath anchor of ours.
        answer(&alone, .bindingNotFound)
        #expect(state(alone) == .refused(.bindingNotFound))
        let count = alone.updates.count
        alone.passes(.seconds(5))
        #expect(alone.updates.count == count)
        alone.tell(.wanChanged("wan2", .up(careOfAddress: Domain.dsl)))
        alone.answer()
        alone.passes(.seconds(1))
        #expect(FlowScene.told(alone.updates.last).map(\.identifier) == [1])
        answer(&alone, .successful)
        #expect(state(alone) == .agreed)
    }

    /// RFC 6089 §5.2.6: a copy of every one is expected.
    @Test func flowWithoutCopyIsRefused() {
        var alone = registered([FlowScene.rule(1), FlowScene.rule(2)])
        let told = FlowScene.told(alone.updates.last)
        alone.answer { $0.options.append(told[1]) }
        #expect(alone.gateway.snapshot.session.flowBindings.map(\.state) == [.refused(.rejected), .agreed])
    }

    /// Lost, the update is repeated with all that it said.
    @Test func lostUpdateIsRepeated() {
        var talk = Domain.registered()
        talk.network.loses(next: 1, .toAnchor)
        talk.tell(.policyChanged([FlowScene.rule(1)]))
        talk.passes(.seconds(3))
        #expect(talk.rulesAtAnchor == [FlowScene.rule(1)] && talk.states == [.agreed])
        talk.network.loses(next: 1, .toGateway)
        talk.tell(.policyChanged([FlowScene.rule(2)]))
        talk.passes(.seconds(3))
        #expect(talk.rulesAtAnchor == [FlowScene.rule(2)] && talk.states == [.agreed])
    }
}
