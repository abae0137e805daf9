// SPDX-License-Identifier: Apache-2.0

/// One frame of a capture file.
package struct CapturedFrame: Equatable, Sendable {
    /// Counted from 1, as every other tool counts.
    package var number: Int
    /// Since 1970-01-01 00:00 UTC.
    package var seconds: UInt32
    package var nanoseconds: UInt32
    /// In octets, as it was on the wire; more than `octets.count` where the capture cut it.
    package var originalLength: Int
    package var octets: [UInt8]

    package init(number: Int, seconds: UInt32, nanoseconds: UInt32, originalLength: Int, octets: [UInt8]) {
        self.number = number
        self.seconds = seconds
        self.nanoseconds = nanoseconds
        self.originalLength = originalLength
        self.octets = octets
    }

    /// Seconds since 1970 with nine decimals.
    package var time: String {
        let digits = String(nanoseconds)
        return "\(seconds).\(String(repeating: "0", count: max(0, 9 - digits.count)))\(digits)"
    }
}
