// SPDX-License-Identifier: Apache-2.0
package import API
import Glibc

/// Why a daemon could not be asked, in words for its operator.
package enum ClientError: Error, Equatable, Sendable {
    /// Nobody listens at the socket, or there is none.
    case noDaemon(path: String)
    /// No socket was named and none lies where daemons put theirs.
    case noSocketFound(directory: String)
    /// No socket was named and several daemons run.
    case severalSockets([String])
    /// The file system does not let this user connect.
    case notPermitted(path: String)
    /// The path does not fit into a socket address, which holds 107 octets.
    case pathTooLong(path: String)
    /// The daemon took the request and did not finish its answer in time.
    case timedOut(path: String)
    /// The answer is none that a daemon of this version gives.
    case malformedAnswer(path: String, reason: String)
    /// The daemon answered with a problem.
    case refused(API.Problem)
    /// A call of the system failed.
    case system(call: String, path: String, errorNumber: Int32)

    /// Whether there is nobody to ask, as opposed to a daemon that did not answer as it should.
    package var meansNoDaemon: Bool {
        switch self {
        case .noDaemon, .noSocketFound: true
        case .severalSockets, .notPermitted, .pathTooLong, .timedOut, .malformedAnswer, .refused, .system: false
        }
    }
}

extension ClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noDaemon(let path):
            "no plait answers at \(path): is the daemon running?"
        case .noSocketFound(let directory):
            "no plait answers in \(directory): is the daemon running? A socket elsewhere is named by --socket"
        case .severalSockets(let paths):
            "several daemons run here: choose one with --socket: \(paths.joined(separator: ", "))"
        case .notPermitted(let path):
            "\(path) may not be used by this user: be root or of the socket's group"
        case .pathTooLong(let path):
            "the socket's path \(path) is longer than 107 octets"
        case .timedOut(let path):
            "the plait at \(path) did not answer in time"
        case .malformedAnswer(let path, let reason):
            "what answers at \(path) is no plait of this version: \(reason)"
        case .refused(let problem):
            "the daemon refused: \(problem)"
        case .system(let call, let path, let errorNumber):
            "\(call) \(path): \(String(cString: strerror(errorNumber)))"
        }
    }
}
