// SPDX-License-Identifier: Apache-2.0

/// New values for some of a link's settings, as an operator writes them: `rate=20mbit delay=15ms …`.
package struct LinkChanges: Hashable, Sendable {
    private enum Key: String, CaseIterable {
        case rate, delay, jitter, loss, queue, outage, reordering
    }

    private enum Change: Hashable, Sendable {
        case rate(Int64?)
        case delay(Duration)
        case jitter(Duration)
        case loss(Double)
        case queue(QueueLimit)
        case outage(Bool)
        case reordering(Bool)
    }

    private var changes: [Change] = []
    /// As it was written.
    package private(set) var text = ""

    package init() {}

    /// From `key=value` words.
    package init(_ words: some Sequence<String>) throws(SettingError) {
        for word in words { try append(word) }
    }

    /// From `key=value,key=value`.
    package init(commaSeparated text: String) throws(SettingError) {
        try self.init(text.split(separator: ",").map(String.init))
    }

    /// The value of `key=on` or `key=off`.
    package static func flag(_ word: String) throws(SettingError) -> Bool {
        let halves = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return try Quantity(key: halves[0], text: halves.count == 2 ? halves[1] : "").flag()
    }

    /// The settings with the new values in them.
    package func applied(to settings: LinkSettings) -> LinkSettings {
        var settings = settings
        for change in changes {
            switch change {
            case .rate(let rate): settings.rate = rate
            case .delay(let delay): settings.delay = delay
            case .jitter(let jitter): settings.jitter = jitter
            case .loss(let loss): settings.loss = loss
            case .queue(let queue): settings.queue = queue
            case .outage(let outage): settings.outage = outage
            case .reordering(let reordering): settings.reordering = reordering
            }
        }
        return settings
    }

    private mutating func append(_ word: String) throws(SettingError) {
        let halves = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard halves.count == 2, let key = Key(rawValue: halves[0]) else {
            let keys = Key.allCases.map(\.rawValue).joined(separator: ", ")
            let value = halves.dropFirst().joined()
            throw SettingError(key: halves[0], value: value, expected: "KEY=VALUE with one of \(keys)")
        }
        let quantity = Quantity(key: key.rawValue, text: halves[1])
        switch key {
        case .rate: changes.append(.rate(try quantity.rate()))
        case .delay: changes.append(.delay(try quantity.duration()))
        case .jitter: changes.append(.jitter(try quantity.duration()))
        case .loss: changes.append(.loss(try quantity.share()))
        case .queue: changes.append(.queue(try quantity.queueLimit()))
        case .outage: changes.append(.outage(try quantity.flag()))
        case .reordering: changes.append(.reordering(try quantity.flag()))
        }
        text += text.isEmpty ? word : " " + word
    }
}
