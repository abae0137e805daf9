// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

/// Sub-options and attributes: one walker for all options that carry them.
@Suite struct SubOptionTests {
    private static let registries: [(type: UInt8, known: [any SubOption.Type])] = [
        (45, FlowIdentification.subOptions.known), (52, AccessNetworkIdentifier.subOptions.known),
        (53, IPv4TrafficOffloadSelector.subOptions.known), (58, QualityOfServiceOption.attributes.known),
        (62, LMAControlledMAGParameters.subOptions.known),
    ]

    private func decode(_ octets: [UInt8]) throws -> MobilityOptions {
        var reader = ByteReader(octets)
        return try MobilityOptions(decoding: &reader)
    }

    /// Option 45 with FID 1, FID-PRI 10, status 0 and these octets behind.
    private func flow(_ subOptions: [UInt8]) throws -> FlowIdentification {
        let data: [UInt8] = [0, 1, 0, 10, 0, 0] + subOptions
        let options = try decode([45, UInt8(data.count)] + data)
        return try #require(options.first(FlowIdentification.self))
    }

    private func subOptions(of option: any MobilityOption) -> SubOptions? {
        switch option {
        case let option as FlowIdentification: option.subOptions
        case let option as AccessNetworkIdentifier: option.subOptions
        case let option as IPv4TrafficOffloadSelector: option.subOptions
        case let option as QualityOfServiceOption: option.attributes
        case let option as LMAControlledMAGParameters: option.subOptions
        default: nil
        }
    }

    @Test func everySubOptionStandsInAVector() throws {
        var seen: [UInt8: Set<UInt8>] = [:]
        for vector in OptionVectorTests.vectors {
            let option = try #require(try decode(vector.octets).all.first)
            guard let subOptions = subOptions(of: option) else { continue }
            #expect(subOptions.malformed.isEmpty, "\(vector.name)")
            seen[option.optionType, default: []].formUnion(subOptions.all.map(\.optionType))
        }
        for (type, known) in Self.registries {
            #expect(Set(known.map { $0.type }).count == known.count)
            for kind in known {
                #expect(seen[type]?.contains(kind.type) == true, "\(kind.name) stands in no vector of option \(type)")
            }
        }
    }

    @Test func unknownSubOptionIsSkippedAndKeptOctetForOctet() throws {
        let octets: [UInt8] = [200, 3, 0xDE, 0xAD, 0xBE, 0, 2, 2, 0, 7, 201, 0]
        let flow = try flow(octets)
        #expect(flow.bindingIdentifiers == [7])
        #expect(flow.subOptions.malformed.isEmpty)
        #expect(flow.subOptions.all.map(\.optionType) == [200, 2, 201])
        // The Pad1 in front of the second is ours again, because that wants an even offset.
        #expect(Array(flow.data.dropFirst(6)) == [200, 3, 0xDE, 0xAD, 0xBE, 0, 2, 2, 0, 7, 201, 0])
    }

    @Test func paddingBetweenSubOptionsIsSkippedAndMadeAnew() throws {
        let flow = try flow([0, 0, 1, 3, 9, 9, 9, 2, 2, 0, 7, 1, 0])
        #expect(flow.bindingIdentifiers == [7])
        #expect(flow.subOptions.all.count == 1)
        #expect(Array(flow.data.dropFirst(6)) == [2, 2, 0, 7])
    }

    /// Outside Flow Identification, types 0 and 1 are no padding.
    @Test func typeZeroIsNoPaddingElsewhere() throws {
        let options = try decode([62, 10, 0, 0, 1, 6, 0, 10, 0, 1, 0, 32])
        let parameters = try #require(options.first(LMAControlledMAGParameters.self))
        #expect(parameters.subOptions.all.map(\.optionType) == [0, 1])
        #expect(parameters.subOptions.first(ReregistrationControl.self)?.startTime.duration == .seconds(40))
        #expect(parameters.data == [0, 0, 1, 6, 0, 10, 0, 1, 0, 32])
    }

    /// The flow's identifier has to be known to whoever refuses it (RFC 6089 §4.2, status 130).
    @Test func malformedSubOptionLeavesTheOptionReadable() throws {
        let flow = try flow([2, 3, 0, 7, 0, 4, 2, 0, 15])
        #expect(flow.identifier == 1)
        #expect(flow.bindingIdentifiers == nil)
        let malformed = try #require(flow.subOptions.malformed.first)
        #expect(malformed.optionName == "Binding Reference")
        #expect(malformed.error == DecodeError(.truncated, field: "BID", offset: 2))
        #expect(flow.subOptions.first(FlowBindingAction.self) == .move)
        #expect(flow.fields.contains { $0.name == "binding-reference.malformed" })
        #expect(Array(flow.data.dropFirst(6)) == [2, 3, 0, 7, 0, 4, 2, 0, 15])
    }

    @Test func subOptionThatRunsPastItsOptionMakesThatMalformed() throws {
        for octets: [UInt8] in [
            [45, 10, 0, 1, 0, 10, 0, 0, 2, 4, 0, 7], [45, 7, 0, 1, 0, 10, 0, 0, 2], [52, 3, 5, 2, 0],
            [53, 6, 0, 0, 0, 0, 3, 1], [58, 8, 0, 0, 0, 0, 0, 0, 5, 2], [62, 3, 1, 6, 0],
        ] {
            let options = try decode(octets)
            #expect(options.malformed.map(\.optionType) == [octets[0]])
            #expect(options.malformed.first?.error.reason == .truncated)
        }
    }

    @Test func optionsThatNeedASubOptionAreMalformedWithout() throws {
        for type: UInt8 in [52, 62] {
            #expect(try decode([type, 0]).malformed.first?.error.reason == .badLength(0))
        }
    }

    @Test func firstOfTwoCountsAndBothAreShown() throws {
        let flow = try flow([2, 2, 0, 7, 2, 2, 0, 8])
        #expect(flow.bindingIdentifiers == [7])
        let names = flow.fields.dropFirst(3).map { "\($0.name) \($0.value)" }
        #expect(names == ["binding-reference.bid 7", "binding-reference-2.bid 8"])
        #expect(flow.subOptions.all(BindingReference.self).count == 2)
    }

    @Test func subOptionsAreEqualByTypeAndData() {
        let one = SubOptions([BindingReference([1])])
        #expect(one == SubOptions([BindingReference([1])]))
        #expect(one != SubOptions([BindingReference([2])]))
        #expect(one != SubOptions())
        #expect(SubOptions([HeartbeatControl(interval: 1, retransmissionDelay: 0, maximumRetransmissions: 2)]) != one)
    }

    @Test func moreIdentifiersThanALengthCanTellAreCutAtAWholeOne() throws {
        let summary = FlowSummary((0..<200).map { UInt16($0) })
        #expect(summary.data.count == 254)
        #expect(try decode([44, 254] + summary.data).first(FlowSummary.self)?.flowIdentifiers.last == 126)
    }

    @Test func valuesThatNoSubOptionMayHaveAreMalformed() throws {
        let cases: [(octets: [UInt8], reason: DecodeError.Reason)] = [
            ([1, 3, 0x80, 0, 0], .badLength(0)),  // a network without a name
            ([2, 6, 0x2D, 0, 1, 0, 0, 0], .badValue(2_949_121)),  // beyond 90 degrees north
            ([2, 6, 0, 0, 0, 0xA5, 0xFF, 0xFF], .badValue(5_898_241)),  // beyond 180 degrees west
            ([3, 1, 2], .badLength(0)),  // an operator without a name
            ([5, 3, 0, 0, 1], .trailingOctets(1)),
        ]
        for (octets, reason) in cases {
            let options = try decode([52, UInt8(octets.count)] + octets)
            let identifier = try #require(options.first(AccessNetworkIdentifier.self))
            #expect(identifier.subOptions.malformed.map(\.error.reason) == [reason])
        }
        #expect(GeoLocation(latitude: 2_949_121, longitude: 0) == nil)
        let pole = try #require(GeoLocation(latitude: -2_949_120, longitude: 5_898_240))
        #expect(pole.fields.map(\.value.description) == ["-90.00000", "180.00000"])
        #expect(pole.data == [0xD3, 0, 0, 0x5A, 0, 0])
    }
}
