// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct TimestampTests {
    private static let start = Timestamp(seconds: 1_700_000_000, fraction: 0x8000)

    @Test func exampleOfACapturedMessage() {
        #expect(Self.start.value == 0x0000_6553_F100_8000)
        #expect(Self.start.description == "1700000000.500000")
        #expect((Self.start.seconds, Self.start.fraction) == (1_700_000_000, 0x8000))
    }

    @Test func durationsAreAddedAndTakenAway() {
        #expect(Self.start + .milliseconds(500) == Timestamp(seconds: 1_700_000_001))
        #expect(Self.start + .milliseconds(-500) == Timestamp(seconds: 1_700_000_000))
        #expect(Self.start + .milliseconds(-1500) == Timestamp(seconds: 1_699_999_999))
        #expect(Self.start + .seconds(-1) + .seconds(1) == Self.start)
        #expect(Self.start + .nanoseconds(15259) == Timestamp(value: Self.start.value + 1))
        #expect(Self.start + .zero == Self.start)
    }

    @Test func theEndsSaturate() {
        #expect(Timestamp(value: .max) + .seconds(1) == Timestamp(value: .max))
        #expect(Timestamp(value: 5) + .seconds(-1) == Timestamp(value: 0))
        let farBack: Int64 = -(1 << 47)
        for seconds in [Int64.min, farBack, farBack + 1] {
            let rest: Duration = seconds == .min ? .zero : .milliseconds(900)
            #expect(Timestamp(value: 7) + (Duration.seconds(seconds) - rest) == Timestamp(value: 0))
        }
        #expect(Timestamp(value: 0) + .seconds(Int64.max) == Timestamp(value: UInt64(Int64.max)))
        #expect(Timestamp(seconds: .max, fraction: 1).fraction == 1)
    }

    @Test func distanceHasNoSign() {
        let later = Self.start + .milliseconds(1500)
        #expect(Self.start.distance(to: later) == .milliseconds(1500))
        #expect(later.distance(to: Self.start) == .milliseconds(1500))
        #expect(Self.start.distance(to: Self.start) == .zero)
        #expect(Timestamp(value: 0).distance(to: Timestamp(value: .max)) > .seconds((1 << 48) - 1))
    }

    @Test func fractionIsPrintedWithSixDecimals() {
        #expect(Timestamp(seconds: 1, fraction: 1).description == "1.000015")
        #expect(Timestamp(seconds: 1, fraction: .max).description == "1.999984")
        #expect(Timestamp(seconds: 0).description == "0.000000")
    }

    @Test func ordering() { #expect(Self.start < Self.start + .milliseconds(1)) }

    @Test func networkTimeOfMesgIDAndBack() {
        let identifier = MessageIdentifier(Self.start)
        #expect(identifier.value == 0xE8FE_6F80_8000_0000)
        #expect(identifier.timestamp == Self.start)
    }

    /// The 32 bits of seconds run over on 2036-02-07 06:28:16 UTC.
    @Test(arguments: [UInt64(0), 2_085_978_495, 2_085_978_496, 2_085_978_497, 4_000_000_000])
    func networkTimeRunsOnBeyond2036(seconds: UInt64) {
        let timestamp = Timestamp(seconds: seconds, fraction: 9)
        #expect(MessageIdentifier(timestamp).timestamp == timestamp)
    }
}

@Suite struct InstantTests {
    @Test func arithmetic() {
        let instant = Instant(nanoseconds: 1_000)
        #expect(instant + .nanoseconds(5) == Instant(nanoseconds: 1_005))
        #expect(instant - .microseconds(1) == .zero)
        #expect(Instant(nanoseconds: 1_005) - instant == .nanoseconds(5))
        #expect(instant - Instant(nanoseconds: 1_005) == .nanoseconds(-5))
        #expect(instant < .never)
    }

    @Test func saturatesInsteadOfOverflowing() {
        #expect(Instant.never + .seconds(1) == .never)
        #expect(Instant(nanoseconds: 5) + .seconds(Int64.max) == .never)
        #expect(Instant(nanoseconds: .min) - .seconds(1) == Instant(nanoseconds: .min))
        #expect(Instant(nanoseconds: .min) + .seconds(Int64.min) == Instant(nanoseconds: .min))
        #expect(Instant(nanoseconds: 0) - .seconds(Int64.min) == .never)
        #expect(Instant(nanoseconds: -5) - .seconds(Int64.min) == Instant(nanoseconds: .max - 4))
        #expect(Instant.never - Instant(nanoseconds: .min) == .nanoseconds(Int64.max))
        #expect(Instant(nanoseconds: .min) - .never == .nanoseconds(Int64.min))
    }

    @Test func wholeNanosecondsSaturate() {
        #expect(Duration.seconds(2).wholeNanoseconds == 2_000_000_000)
        #expect(Duration.nanoseconds(-7).wholeNanoseconds == -7)
        #expect(Duration.seconds(Int64.max).wholeNanoseconds == .max)
        #expect(Duration.seconds(Int64.min).wholeNanoseconds == .min)
        #expect((Duration.seconds(9_223_372_036) + .milliseconds(999)).wholeNanoseconds == .max)
        #expect((Duration.seconds(-9_223_372_036) - .milliseconds(999)).wholeNanoseconds == .min)
    }
}
