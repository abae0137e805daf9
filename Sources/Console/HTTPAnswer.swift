// SPDX-License-Identifier: Apache-2.0

/// What an HTTP server answered.
struct HTTPAnswer: Equatable, Sendable {
    /// The status code, 100 to 599.
    var status: Int
    var body: [UInt8]
}
