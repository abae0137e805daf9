// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Logging

extension Logger {
    /// Tries what the daemon can go on without; if it fails, what the system says of it is logged. Whether it succeeded.
    @discardableResult
    func attempt(orSayAt level: Logger.Level = .error, _ change: () throws(SystemError) -> Void) -> Bool {
        do throws(SystemError) {
            try change()
            return true
        } catch {
            log(level: level, "\(error)")
            return false
        }
    }
}
