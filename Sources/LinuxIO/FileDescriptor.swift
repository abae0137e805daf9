// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Owns an open file and closes it when nobody holds it any more.
package final class FileDescriptor: Sendable {
    /// The number that system calls take; valid as long as this object lives.
    package let raw: Int32

    /// Takes over a number that a call has returned; throws if the call failed.
    init(_ raw: Int32, call: String, subject: String) throws(SystemError) {
        self.raw = raw
        guard raw >= 0 else { throw SystemError(call: call, subject: subject) }
    }

    deinit {
        if raw >= 0 { close(raw) }
    }
}
