// SPDX-License-Identifier: Apache-2.0

/// What an HTTP server answered.
package struct HTTPAnswer: Equatable, Sendable {
    /// The status code, 100 to 599.
    package var status: Int
    package var body: [UInt8]

    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}
