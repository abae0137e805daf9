// SPDX-License-Identifier: Apache-2.0

/// How a revocation is repeated (RFC 5846 §11).
package struct RevocationSettings: Equatable, Sendable {
    /// InitMINDelayBRIs: half a second or more.
    package var initialDelay: Duration
    /// MAX_BRACK_TIMEOUT
    package var maximumDelay: Duration
    /// BRIMaxRetriesNumber
    package var retries: Int

    package init(initialDelay: Duration = .seconds(1), maximumDelay: Duration = .seconds(2), retries: Int = 1) {
        self.initialDelay = initialDelay
        self.maximumDelay = maximumDelay
        self.retries = retries
    }

    /// How long the acknowledgement is awaited after sending for the nth time, the first being 1.
    func delay(afterAttempt attempt: Int) -> Duration {
        min(maximumDelay, initialDelay * (1 << min(max(attempt, 1) - 1, 16)))
    }
}
