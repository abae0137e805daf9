// SPDX-License-Identifier: Apache-2.0

/// One direction of a running link: how it behaves, and what it has carried and dropped.
package struct LinkStatus: Hashable, Sendable {
    package var name: String
    package var direction: LinkDirection
    /// In the operator's words, as in `LinkChanges`.
    package var behavior: String
    package var counters: LinkCounters
    /// Frames of the whole link that the emulator itself could not keep.
    package var failures: Int

    package init(name: String, direction: LinkDirection, settings: LinkSettings, counters: LinkCounters, failures: Int)
    {
        self.name = name
        self.direction = direction
        behavior = settings.text
        self.counters = counters
        self.failures = failures
    }

    /// `wan1 up frames octets by-queue by-loss by-outage failures behavior…`
    package var line: String {
        let numbers = [
            counters.frames, counters.octets, counters.droppedByQueue, counters.droppedByLoss,
            counters.droppedByOutage, failures,
        ]
        return "\(name) \(direction.rawValue) \(numbers.map(String.init).joined(separator: " ")) \(behavior)"
    }

    /// From a line of the emulator's answer.
    package init?(line: some StringProtocol) {
        let words = line.split(separator: " ")
        guard words.count >= 8, let direction = LinkDirection(rawValue: String(words[1])) else { return nil }
        let numbers = words[2..<8].compactMap { Int($0) }
        guard numbers.count == 6 else { return nil }
        name = String(words[0])
        self.direction = direction
        counters = LinkCounters()
        counters.frames = numbers[0]
        counters.octets = numbers[1]
        counters.droppedByQueue = numbers[2]
        counters.droppedByLoss = numbers[3]
        counters.droppedByOutage = numbers[4]
        failures = numbers[5]
        behavior = words[8...].joined(separator: " ")
    }
}

extension LinkSettings {
    /// As an operator would write them.
    package var text: String {
        var words = ["rate=\(rate.map(Self.rateText) ?? "unlimited")", "delay=\(Self.durationText(delay))"]
        words.append("jitter=\(Self.durationText(jitter))")
        words.append("loss=\(Self.numberText(loss * 100))%")
        switch queue {
        case .duration(let duration): words.append("queue=\(Self.durationText(duration))")
        case .octets(let octets): words.append("queue=\(octets)B")
        }
        if reordering { words.append("reordering=on") }
        words.append("outage=\(outage ? "on" : "off")")
        return words.joined(separator: " ")
    }

    private static func rateText(_ rate: Int64) -> String {
        if rate % 1_000_000 == 0 { return "\(rate / 1_000_000)mbit" }
        return rate % 1000 == 0 ? "\(rate / 1000)kbit" : "\(rate)bit"
    }

    private static func durationText(_ duration: Duration) -> String {
        "\(numberText(Double(duration / .nanoseconds(1)) / 1e6))ms"
    }

    private static func numberText(_ number: Double) -> String {
        number == number.rounded() && number.magnitude < 1e9 ? "\(Int(number))" : "\((number * 1e6).rounded() / 1e6)"
    }
}
