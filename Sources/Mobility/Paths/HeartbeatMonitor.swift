// SPDX-License-Identifier: Apache-2.0
import Wire

/// Asks a peer on one path whether it is there (RFC 5847 §3).
struct HeartbeatMonitor: Sendable {
    private var interval: Duration
    /// After a request without answer; nil: the interval.
    private var retransmission: Duration?
    private var missingAllowed: Int
    private(set) var nextRequestAt: Instant
    private(set) var isUnreachable = false
    /// The peer has said that it does not know heartbeats.
    private(set) var isUnsupported = false
    /// The peer has shown that it does.
    private var hasAnswered = false
    private var sequence: UInt32
    private var outstanding: UInt32?
    private var missing = 0
    /// While the path is suspected dead, requests go out more often and count for nothing: what they look for is a
    /// peer that has restarted.
    private var suspicion: Duration?

    init(
        interval: Duration,
        retransmission: Duration? = nil,
        missingAllowed: Int,
        from now: Instant,
        sequence: UInt32
    ) {
        self.interval = interval
        self.retransmission = retransmission
        self.missingAllowed = missingAllowed
        self.nextRequestAt = now + interval
        self.sequence = sequence
    }

    /// The sequence number of the request to send now; nil if the peer wants none.
    mutating func requestDue(at now: Instant) -> (sequence: UInt32?, becameUnreachable: Bool) {
        guard !isUnsupported else {
            nextRequestAt = .never
            return (nil, false)
        }
        var becameUnreachable = false
        if let suspicion {
            nextRequestAt = now + suspicion
            self.suspicion = min(suspicion + suspicion, .seconds(32))
        } else {
            // RFC 5847 §3.1: judged before each new request.
            missing += outstanding == nil ? 0 : 1
            becameUnreachable = missing > missingAllowed && !isUnreachable
            isUnreachable = isUnreachable || becameUnreachable
            nextRequestAt = now + (isUnreachable ? interval : retransmission ?? interval)
        }
        sequence &+= 1
        outstanding = sequence
        return (sequence, becameUnreachable)
    }

    /// Whether the response is one to our last request; then the peer is there.
    mutating func answered(_ sequence: UInt32, at now: Instant) -> Bool {
        guard sequence == outstanding else { return false }
        outstanding = nil
        hasAnswered = true
        missing = 0
        isUnreachable = false
        if suspicion != nil {
            suspect(false, at: now)
        } else if retransmission != nil {
            // RFC 8127 §3.1.2: the interval runs from the answer.
            nextRequestAt = now + interval
        }
        return true
    }

    /// The peer wants another pace (RFC 8127 §5.2).
    mutating func pace(interval: Duration, retransmission: Duration?, missingAllowed: Int, at now: Instant) {
        let isOther = interval != self.interval || retransmission != self.retransmission
        (self.interval, self.retransmission, self.missingAllowed) = (interval, retransmission, missingAllowed)
        if isOther, !isUnsupported, suspicion == nil { nextRequestAt = min(nextRequestAt, now + interval) }
    }

    /// A registration came on this path: the peer is there, whatever became of its responses.
    mutating func registered() {
        missing = 0
        isUnreachable = false
    }

    /// The data plane hears nothing (or again something) on this path.
    mutating func suspect(_ isSuspected: Bool, at now: Instant) {
        guard isSuspected != (suspicion != nil) else { return }
        suspicion = isSuspected ? .seconds(1) : nil
        if !isUnsupported { nextRequestAt = isSuspected ? now : now + interval }
        missing = 0
    }

    /// A Binding Error came while a request was open: the peer knows no heartbeats (RFC 5847 §3). Not from one that has
    /// answered some: a Binding Error does not say what it is about, and strangers can make a peer send one.
    mutating func rejected() -> Bool {
        guard outstanding != nil, !hasAnswered else { return false }
        isUnsupported = true
        nextRequestAt = .never
        return true
    }
}
