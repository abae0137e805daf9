// SPDX-License-Identifier: Apache-2.0

/// How quickly a rate grows while no queue stands: each step twice the one before, and by leaps to where the path is known
/// to have been.
struct RateGrowth: Equatable, Sendable {
    private static let smallest = 0.005
    private static let largest = 0.15
    private static let leapsFrom = 0.07
    private static let memory = 60.0

    private var current = smallest
    private var doubledAt = -Double.infinity
    /// What the path carried before it was cut.
    private(set) var remembered = 0.0
    private var rememberedUntil = -Double.infinity

    /// A queue stands; of a path whose delay wanders it only seems so now and then.
    mutating func reset(isJittery: Bool, at now: Double) {
        current = isJittery ? max(current / 2, Self.smallest) : Self.smallest
        doubledAt = now
        if now > rememberedUntil { remembered = 0 }
    }

    /// What to grow by in 200 ms.
    mutating func step(isEmpty: Bool, _ roundTrip: Double, isJittery: Bool, _ rate: Double, at now: Double) -> Double {
        guard isEmpty else {
            current = Self.smallest
            doubledAt = now
            return current
        }
        let patience =
            isReturning(rate) ? roundTrip + 0.02 : 2 * roundTrip + 0.06
        if now - doubledAt >= patience + (isJittery ? 0.3 : 0) {
            current = min(current * 2, Self.largest)
            doubledAt = now
        }
        return current
    }

    private func isReturning(_ rate: Double) -> Bool { rate < 0.9 * remembered }

    /// Whether it has been going up for long enough without a queue that the path must be what it was.
    func mayLeap(_ rate: Double) -> Bool { current >= Self.leapsFrom && isReturning(rate) }

    mutating func remember(_ rate: Double, cutTo carried: Double, at now: Double) {
        if mayLeap(carried) {
            // It was a mistake.
            remembered = 0
        } else if carried < 0.8 * rate {
            remembered = max(remembered, rate)
            rememberedUntil = now + Self.memory
        }
    }
}
