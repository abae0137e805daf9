// SPDX-License-Identifier: Apache-2.0

/// What each gateway carries through its tunnel, as bars, line by line.
struct GatewayTimeline: Sendable {
    private static let width = 24
    /// Of a full bar, in Mbit/s.
    private static let full = 2 * Double(MovesScene.lineRate)

    private let narrator: Narrator
    private let gateways: [LabNamespace]
    private let begin = ContinuousClock.now
    private var last: ContinuousClock.Instant
    private var counted: [Int]

    init(_ narrator: Narrator, _ gateways: [LabNamespace]) async throws {
        self.narrator = narrator
        self.gateways = gateways
        counted = try await Self.count(gateways)
        last = .now
    }

    /// A line each interval, until so many seconds after the beginning. Throws if at the end nothing is carried any more.
    mutating func follow(until end: Double, every interval: Double) async throws {
        var carried = 0.0
        while begin.duration(to: .now) / .seconds(1) < end {
            try await Task.sleep(for: .seconds(interval))
            let now = ContinuousClock.now
            let octets = try await Self.count(gateways)
            let seconds = last.duration(to: now) / .seconds(1)
            let rates = zip(octets, counted).map { Double($0 - $1) * 8 / seconds / 1e6 }
            narrator.say(rates.enumerated().map { Self.bar($0.element, of: $0.offset + 1) }.joined(separator: "   "))
            (last, counted) = (now, octets)
            carried = rates.reduce(0, +)
        }
        guard carried > 1 else { throw LabFailure("the upload stands still: \(carried.oneDecimal) Mbit/s") }
    }

    private static func bar(_ rate: Double, of gateway: Int) -> String {
        let length = min(width, Int((max(0, rate) / full * Double(width)).rounded()))
        let bar = String(repeating: "█", count: length) + String(repeating: "·", count: width - length)
        let figure = "\(max(0, rate).oneDecimal) Mbit/s"
        return "gateway \(gateway) \(bar) " + String(repeating: " ", count: max(0, 11 - figure.count)) + figure
    }

    /// Octets of hosts' packets that the kernel has handed to each tunnel device.
    private static func count(_ gateways: [LabNamespace]) async throws -> [Int] {
        var counts: [Int] = []
        for gateway in gateways {
            let text = try await gateway.run(["cat", "/sys/class/net/plait0/statistics/tx_bytes"])
            counts.append(text.split(separator: "\n").first.flatMap { Int($0) } ?? 0)
        }
        return counts
    }
}
