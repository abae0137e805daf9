// SPDX-License-Identifier: Apache-2.0
import Wire

/// A figure by which a scenario is judged. Times count from the begin of its flows.
package enum ScenarioMeasure: Hashable, Sendable {
    /// Mbit/s of payload, all TCP connections together.
    case goodput(from: Duration, to: Duration)
    /// Seconds: the longest gap between two TCP segments that the receiving hosts were given, after the first two seconds.
    case stall
    /// Milliseconds one way that so many hundredths of the datagrams stay within.
    case delay(percentile: Double)
    /// Per cent of the datagrams.
    case lost
    /// Per cent of the datagrams that came after a later one.
    case reordered

    package var text: String {
        switch self {
        case .goodput(let start, let end): "Mbit/s, \(Self.seconds(start))–\(Self.seconds(end)) s"
        case .stall: "stall, s"
        case .delay(let percentile): "p\(Int(percentile)), ms"
        case .lost: "lost, %"
        case .reordered: "reordered, %"
        }
    }

    /// With one digit behind the point, unless that is 0.
    package static func seconds(_ duration: Duration) -> String {
        let tenths = duration.wholeNanoseconds / 100_000_000
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
