// SPDX-License-Identifier: Apache-2.0
import Forwarding

/// Packets up that bear numbers of the test's own, by which it knows them at the other end.
enum Numbered {
    private static let place = 60

    static func packet(_ number: Int) -> [UInt8] {
        var octets = Rules.up()
        octets[place] = UInt8(truncatingIfNeeded: number >> 8)
        octets[place + 1] = UInt8(truncatingIfNeeded: number)
        return octets
    }

    static func number(of octets: [UInt8]) -> Int { Int(octets[place]) << 8 | Int(octets[place + 1]) }
}

extension Pair {
    /// Both ends report, and each has heard of the other's paths.
    static func reporting(
        _ distribution: Distribution = .perPacket(reorderTimeout: .milliseconds(100)),
        delays: [Int64] = [10, 10],
        rates: [Int64?]? = nil
    ) -> Pair {
        let pair = Pair(distribution, delays: delays, rates: rates ?? delays.map { _ in nil }, hasReports: true)
        pair.passes(1000)
        return pair
    }
}
