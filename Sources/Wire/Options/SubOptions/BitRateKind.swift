// SPDX-License-Identifier: Apache-2.0

/// Which bit rate an attribute tells: its type and the RFC's name of it (RFC 7222 §4.2).
package protocol BitRateKind {
    static var type: UInt8 { get }
    static var name: String { get }
}

/// The kinds of bit rate. They have no values.
package enum BitRateKinds {
    package enum PerMobileNodeMaximumDownlink: BitRateKind {
        package static let type: UInt8 = 1
        package static let name = "Per-MN-Agg-Max-DL-Bit-Rate"
    }
    package enum PerMobileNodeMaximumUplink: BitRateKind {
        package static let type: UInt8 = 2
        package static let name = "Per-MN-Agg-Max-UL-Bit-Rate"
    }
    package enum PerSessionMaximumDownlink: BitRateKind {
        package static let type: UInt8 = 3
        package static let name = "Per-Session-Agg-Max-DL-Bit-Rate"
    }
    package enum PerSessionMaximumUplink: BitRateKind {
        package static let type: UInt8 = 4
        package static let name = "Per-Session-Agg-Max-UL-Bit-Rate"
    }
    package enum AggregateMaximumDownlink: BitRateKind {
        package static let type: UInt8 = 6
        package static let name = "Aggregate-Max-DL-Bit-Rate"
    }
    package enum AggregateMaximumUplink: BitRateKind {
        package static let type: UInt8 = 7
        package static let name = "Aggregate-Max-UL-Bit-Rate"
    }
    package enum GuaranteedDownlink: BitRateKind {
        package static let type: UInt8 = 8
        package static let name = "Guaranteed-DL-Bit-Rate"
    }
    package enum GuaranteedUplink: BitRateKind {
        package static let type: UInt8 = 9
        package static let name = "Guaranteed-UL-Bit-Rate"
    }
}

package typealias PerMobileNodeMaximumDownlink = BitRateAttribute<BitRateKinds.PerMobileNodeMaximumDownlink>
package typealias PerMobileNodeMaximumUplink = BitRateAttribute<BitRateKinds.PerMobileNodeMaximumUplink>
package typealias PerSessionMaximumDownlink = SessionBitRateAttribute<BitRateKinds.PerSessionMaximumDownlink>
package typealias PerSessionMaximumUplink = SessionBitRateAttribute<BitRateKinds.PerSessionMaximumUplink>
package typealias AggregateMaximumDownlink = BitRateAttribute<BitRateKinds.AggregateMaximumDownlink>
package typealias AggregateMaximumUplink = BitRateAttribute<BitRateKinds.AggregateMaximumUplink>
package typealias GuaranteedDownlink = BitRateAttribute<BitRateKinds.GuaranteedDownlink>
package typealias GuaranteedUplink = BitRateAttribute<BitRateKinds.GuaranteedUplink>
