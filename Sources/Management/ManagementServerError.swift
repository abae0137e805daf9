// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Why the management socket cannot be made.
package enum ManagementServerError: Error, Equatable, Sendable {
    /// A process answers on the socket already.
    case alreadyServed(path: String)
    /// Something other than a socket has the path.
    case notASocket(path: String)
    /// The path does not fit into a socket address, which holds 107 octets.
    case pathTooLong(path: String)
    /// A call of the system failed.
    case system(call: String, path: String, errorNumber: Int32)
}

extension ManagementServerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .alreadyServed(let path):
            "another daemon answers at \(path): stop it, or configure another management socket"
        case .notASocket(let path):
            "\(path) exists and is no socket: remove it, or configure another management socket"
        case .pathTooLong(let path):
            "the management socket's path \(path) is longer than 107 octets"
        case .system(let call, let path, let errorNumber):
            "\(call) \(path): \(String(cString: strerror(errorNumber)))"
        }
    }
}
