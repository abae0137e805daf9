// SPDX-License-Identifier: Apache-2.0
import Wire

/// So many messages of one kind a second, by default three: MAX_UPDATE_RATE (RFC 6275 §12).
struct MessageRate: Sendable {
    private let limit: Int
    private var recent: [Instant] = []

    init(limit: Int = 3) { self.limit = limit }

    func isIdle(at now: Instant) -> Bool { recent.allSatisfy { now - $0 >= .seconds(1) } }

    mutating func admits(at now: Instant) -> Bool {
        recent.removeAll { now - $0 >= .seconds(1) }
        guard recent.count < limit else { return false }
        recent.append(now)
        return true
    }
}
