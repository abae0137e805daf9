// SPDX-License-Identifier: Apache-2.0
import Logging
import Mobility

extension Logger {
    /// Writes an engine's notice; the engine has seen to it that strangers cannot make it say much. `remark` says what the
    /// engine cannot know.
    func log(_ notice: Notice, remark: String? = nil) {
        log(level: Logger.Level(notice.level), remark.map { "\(notice): \($0)" } ?? "\(notice)")
    }
}

extension Logger.Level {
    fileprivate init(_ level: Notice.Level) {
        switch level {
        case .debug: self = .debug
        case .info: self = .info
        case .warning: self = .warning
        case .error: self = .error
        }
    }
}
