// SPDX-License-Identifier: Apache-2.0
import Wire

/// The receiving end of a TCP connection: acknowledges every second segment, or after a while, and at once what is out of
/// order (RFC 5681 §4.2).
struct SimulatedReceiver {
    private static let delayedAcknowledgement = Duration.milliseconds(40)
    /// Linux acknowledges the first segments of a connection one by one.
    private static let eagerSegments = 16

    private(set) var next = 0
    /// What is there beyond, the latest first.
    private var beyond: [Range<Int>] = []
    private var unanswered = 0
    private var echo = Instant.zero
    private(set) var deadline = Instant.never

    mutating func receive(_ segment: Int, sentAt: Instant, at now: Instant) -> SimulatedSegment.Acknowledgement? {
        let isDuplicate = segment < next || beyond.contains { $0.contains(segment) }
        if unanswered == 0 || segment != next { echo = sentAt }
        guard !isDuplicate else { return answer(isOfDuplicate: true) }
        let wasWhole = beyond.isEmpty
        if segment == next { advance() } else { note(segment) }
        unanswered += 1
        guard wasWhole, beyond.isEmpty, unanswered < 2, next > Self.eagerSegments else { return answer() }
        deadline = min(deadline, now + Self.delayedAcknowledgement)
        return nil
    }

    mutating func deadlineReached(at now: Instant) -> SimulatedSegment.Acknowledgement? {
        guard now >= deadline else { return nil }
        return answer()
    }

    private mutating func answer(isOfDuplicate: Bool = false) -> SimulatedSegment.Acknowledgement {
        unanswered = 0
        deadline = .never
        return .init(next: next, beyond: Array(beyond.prefix(3)), isOfDuplicate: isOfDuplicate, echo: echo)
    }

    private mutating func advance() {
        next += 1
        guard let index = beyond.firstIndex(where: { $0.lowerBound == next }) else { return }
        next = beyond[index].upperBound
        beyond.remove(at: index)
    }

    private mutating func note(_ segment: Int) {
        var range = segment..<segment + 1
        for other in beyond {
            if other.upperBound == range.lowerBound { range = other.lowerBound..<range.upperBound }
            if other.lowerBound == range.upperBound { range = range.lowerBound..<other.upperBound }
        }
        beyond.removeAll { range.overlaps($0) }
        beyond.insert(range, at: 0)
    }
}
