// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// A system call that failed: which, on what, and why.
package struct SystemError: Error, Equatable, Sendable {
    /// The call's name, such as `bind`.
    package let call: String
    /// The error number that the call left behind.
    package let errno: Int32
    /// What the call was about, in an operator's words: `udp 5436 on wan1`. May be empty.
    package let subject: String

    package init(call: String, errno: Int32, subject: String) {
        self.call = call
        self.errno = errno
        self.subject = subject
    }

    /// From the calling thread's `errno`.
    init(call: String, subject: String) {
        self.init(call: call, errno: Glibc.errno, subject: subject)
    }

    /// The error number in words: `Address already in use`.
    package var reason: String {
        plait_error_text(errno).map { String(cString: $0) } ?? "error \(errno)"
    }

    /// Passes a call's result through; throws if it is negative.
    @discardableResult
    static func check(_ result: Int32, _ call: String, _ subject: String) throws(SystemError) -> Int32 {
        guard result >= 0 else { throw SystemError(call: call, subject: subject) }
        return result
    }
}

extension SystemError: CustomStringConvertible {
    package var description: String {
        subject.isEmpty ? "\(call): \(reason)" : "\(call) of \(subject): \(reason)"
    }
}
