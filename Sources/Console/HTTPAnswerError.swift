// SPDX-License-Identifier: Apache-2.0

/// Why octets are no HTTP/1.1 answer (RFC 9112).
package enum HTTPAnswerError: Error, Equatable, Sendable {
    /// The connection ended before the answer did.
    case endsEarly
    case badStatusLine
    case badHeaderField
    case badContentLength
    case badChunk
    /// Longer than ``HTTPAnswerParser`` takes.
    case tooLong
}

extension HTTPAnswerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .endsEarly: "its answer ends early"
        case .badStatusLine: "its answer does not begin with an HTTP/1.1 status"
        case .badHeaderField: "its answer has a header field that is none"
        case .badContentLength: "its answer's length is no number"
        case .badChunk: "its answer has a malformed chunk"
        case .tooLong: "its answer is too long"
        }
    }
}
