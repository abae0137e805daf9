// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

/// Runs over the registry: an option without a vector fails here.
@Suite struct OptionVectorTests {
    static let vectors = VectorFile.all(in: "options")
    static let registered = OptionRegistry.known.map { $0.type }

    /// Reads options as they stand from the given offset of a mobility header on.
    private func decode(_ octets: [UInt8]) throws(DecodeError) -> MobilityOptions {
        var reader = ByteReader(octets)
        return try MobilityOptions(decoding: &reader)
    }

    private func encode(_ options: MobilityOptions, at offset: Int) -> [UInt8] {
        var writer = ByteWriter()
        writer.zeros(offset)
        options.encode(into: &writer)
        return Array(writer.octets.dropFirst(offset))
    }

    @Test(arguments: registered) func everyOptionHasAVector(type: UInt8) {
        #expect(Self.vectors.contains { $0.octets.first == type }, "Vectors/options/\(type)-….hex is missing")
    }

    @Test func noTypeIsRegisteredTwice() { #expect(Set(Self.registered).count == Self.registered.count) }

    @Test(arguments: vectors) func vectorMeansWhatItsFileSays(_ vector: VectorFile) throws {
        let option = try #require(try decode(vector.octets).all.first)
        #expect(option.optionType == vector.octets[0])
        #expect(option.fields.map { "\($0.name) \($0.value)".trimmed } == vector.expectations.map { $0.trimmed })
        #expect(option.alignment.remainder < option.alignment.multiple)
        #expect(!(option is MalformedOption) && !(option is UnknownOption))
    }

    @Test(arguments: vectors) func vectorIsEncodedFromItsValues(_ vector: VectorFile) throws {
        let option = try #require(try decode(vector.octets).all.first)
        #expect([option.optionType, UInt8(option.data.count)] + option.data == vector.octets)
    }

    @Test(arguments: vectors) func truncatedAnywhereItIsUnreadableAndNeverShortened(_ vector: VectorFile) {
        for count in 1..<vector.octets.count {
            #expect(throws: DecodeError.self, "\(count) octets") { try decode(Array(vector.octets.prefix(count))) }
        }
    }

    /// The length field cut along with the data: malformed, or still an option of that length, but never a trap, and
    /// octet for octet the same when encoded again.
    @Test(arguments: vectors) func shorterDataStayInTheirPlace(_ vector: VectorFile) throws {
        for count in 0..<(vector.octets.count - 2) {
            let octets = [vector.octets[0], UInt8(count)] + vector.octets.dropFirst(2).prefix(count)
            let options = try decode(octets)
            #expect(Array(encode(options, at: 0).prefix(octets.count)) == octets)
            for option in options.malformed { #expect(option.optionType == vector.octets[0]) }
        }
    }

    @Test(arguments: vectors) func fixedSizesAreHeldTo(_ vector: VectorFile) throws {
        // Those that end in an identifier, data or an authenticator take any length.
        let open: Set<UInt8> = [5, 7, 8, 9, 19, 20, 25, 64]
        // Those whose end may be padded; any other format of traffic selector may end anywhere.
        let padded: Set<UInt8> = [45]
        guard !open.contains(vector.octets[0]), !vector.name.contains("other-format") else { return }
        let count = vector.octets.count - 2
        let longer = padded.contains(vector.octets[0]) ? [] : [vector.octets + [0]]
        for octets in [Array(vector.octets.dropLast())] + longer {
            var octets = octets
            octets[1] = UInt8(octets.count - 2)
            let malformed = try decode(octets).malformed
            #expect(malformed.count == 1, "length \(octets.count - 2) instead of \(count)")
            #expect(malformed.first?.error.description.isEmpty == false)
        }
    }

    @Test(arguments: vectors) func ownOptionStandsWhereItsRFCWantsIt(_ vector: VectorFile) throws {
        let option = try #require(try decode(vector.octets).all.first)
        for offset in 0..<32 {
            let octets = encode(MobilityOptions([option]), at: offset)
            #expect((offset + octets.count) % 8 == 0)
            let padding = option.alignment.padding(at: offset)
            #expect((offset + padding) % option.alignment.multiple == option.alignment.remainder)
            #expect(padding < option.alignment.multiple)
            #expect(Array(octets.dropFirst(padding).prefix(vector.octets.count)) == vector.octets)
            #expect(try decode(octets) == MobilityOptions([option]))
        }
    }

    /// Every bit that is set or cleared either changes a value or is reserved; whichever: the octets come out again.
    @Test(arguments: vectors) func unknownFlagsAndReservedBitsAreKept(_ vector: VectorFile) throws {
        for position in 2..<vector.octets.count {
            for bit in 0..<8 {
                var octets = vector.octets
                octets[position] ^= 1 << UInt8(bit)
                let options = try decode(octets)
                #expect(Array(encode(options, at: 0).prefix(octets.count)) == octets)
                _ = options.all.flatMap { $0.fields }.map { $0.value.description }
                _ = encode(options.normalized, at: 12)
            }
        }
    }

    @Test(arguments: vectors) func mutationNeverTraps(_ vector: VectorFile) {
        var generator = SeededGenerator()
        for index in 0..<1000 {
            let octets = generator.mutation(of: vector.octets)
            guard let options = try? decode(octets) else { continue }
            let again = encode(options, at: 0)
            #expect(Array(again.prefix(octets.count)) == octets, "seed \(generator.seed), case \(index)")
            _ = encode(options.normalized, at: 12)
        }
    }

    @Test func redirectHasExactlyOneAddress() throws {
        for flags: UInt8 in [0x00, 0xC0] {
            let malformed = try decode([47, 6, flags, 0, 192, 0, 2, 2]).malformed
            #expect(malformed.map(\.error.reason) == [.badValue(UInt64(flags) << 8)])
        }
        #expect(try decode([47, 6, 0x80, 0, 192, 0, 2, 2]).malformed.map(\.error.reason) == [.truncated])
        #expect(try decode([47, 18, 0x40, 0] + Array(repeating: 1, count: 16)).malformed.count == 1)
    }

    @Test func addressLengthOfAGatewayIsThatOfIPv6() throws {
        let octets: [UInt8] = [51, 18, 0, 64] + Array(repeating: 1, count: 16)
        #expect(try decode(octets).malformed.map(\.error.reason) == [.badValue(64)])
    }

    @Test func userPlaneAddressIsAskedForWithNothingOrZeros() throws {
        #expect(LMAUserPlaneAddress.request.data == [0, 0])
        for count in [2, 6, 18] {
            let octets = [59, UInt8(count)] + Array(repeating: 0, count: count)
            #expect(try decode(octets).first(LMAUserPlaneAddress.self)?.isRequest == true)
        }
        #expect(!LMAUserPlaneAddress(.v4(IPv4Address(192, 0, 2, 9))).isRequest)
    }

    /// A name that the peer chose moves no cursor and turns no line around.
    @Test func textThatCannotBeShownIsShownInDigits() {
        #expect(ServiceSelection("ims").fields == [Field("identifier", "ims")])
        for octets: [UInt8] in [[0x69, 0x0A], [0xE2, 0x80, 0xAE, 0x69], [0x1B, 0x5B, 0x6D], [0xFF]] {
            #expect(ServiceSelection(octets).fields == [Field("identifier", octets)])
        }
    }

    @Test func refreshTimesOfNATDetection() {
        #expect(NATDetection(forcesUDP: true, refreshSeconds: .max).refreshTime == nil)
        #expect(NATDetection(forcesUDP: true, refreshSeconds: 0).refreshTime == .seconds(110))
        for time in [Duration.seconds(20), nil] {
            #expect(NATDetection(forcesUDP: true, refreshTime: time).refreshTime == time)
        }
        #expect(NATDetection(forcesUDP: true, refreshTime: .milliseconds(1)).refreshSeconds == 1)
    }

    @Test func alignmentsAreThoseOfTheRFCs() throws {
        let expected: [UInt8: OptionAlignment] = [
            2: OptionAlignment(2, plus: 0), 4: OptionAlignment(2, plus: 0), 5: OptionAlignment(8, plus: 2),
            6: OptionAlignment(8, plus: 4), 35: OptionAlignment(2, plus: 0), 44: OptionAlignment(2, plus: 0),
            45: OptionAlignment(2, plus: 0), 46: OptionAlignment(4, plus: 0), 47: OptionAlignment(4, plus: 0),
            48: OptionAlignment(4, plus: 0), 50: OptionAlignment(4, plus: 0), 51: OptionAlignment(8, plus: 4),
            52: OptionAlignment(4, plus: 0), 53: OptionAlignment(4, plus: 0), 58: OptionAlignment(4, plus: 0),
            59: OptionAlignment(8, plus: 2), 62: OptionAlignment(4, plus: 2),
            3: OptionAlignment(8, plus: 6), 9: OptionAlignment(8, plus: 5), 10: OptionAlignment(8, plus: 2),
            19: OptionAlignment(4, plus: 2), 22: OptionAlignment(8, plus: 4), 26: OptionAlignment(8, plus: 6),
            27: OptionAlignment(8, plus: 2), 28: OptionAlignment(4, plus: 2), 29: OptionAlignment(4, plus: 0),
            30: OptionAlignment(4, plus: 0), 31: OptionAlignment(4, plus: 0), 32: OptionAlignment(4, plus: 0),
            33: OptionAlignment(4, plus: 0), 36: OptionAlignment(4, plus: 0), 37: OptionAlignment(4, plus: 0),
            38: OptionAlignment(4, plus: 0),
            49: OptionAlignment(4, plus: 2), 55: OptionAlignment(8, plus: 2), 63: OptionAlignment(8, plus: 2),
        ]
        // Where the place depends on what the option carries.
        let exceptions = [
            "35-binding-identifier-ipv4.hex": OptionAlignment(8, plus: 2),
            "35-binding-identifier-ipv6.hex": OptionAlignment(8, plus: 2),
            "45-flow-identification-ipv6.hex": OptionAlignment(8, plus: 0),
            "45-flow-identification-every-ipv4-field.hex": OptionAlignment(4, plus: 0),
            "45-flow-identification-every-ipv6-field.hex": OptionAlignment(8, plus: 0),
        ]
        for vector in Self.vectors where !vector.name.contains("sha256") {
            let option = try #require(try decode(vector.octets).all.first)
            let wanted = exceptions[vector.name] ?? expected[option.optionType] ?? .none
            #expect(option.alignment == wanted, "\(vector.name)")
        }
        // RFC 4285 §5.1: 4n+1, the end on a multiple of eight, whatever the algorithm.
        for length in [12, 16, 20, 32] {
            let option = MessageAuthentication(spi: 256, authenticator: Array(repeating: 0, count: length))
            #expect((option.alignment.remainder + 7 + length) % 8 == 0)
        }
    }
}

extension String {
    /// Without the blank that stands behind the name of an empty value.
    fileprivate var trimmed: String { split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ") }
}
