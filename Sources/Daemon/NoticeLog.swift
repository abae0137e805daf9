// SPDX-License-Identifier: Apache-2.0
import Logging
import Mobility
import Wire

/// Turns an engine's notices into log lines.
///
/// Anybody may send as many bad messages as he likes: of warnings about them only a few are written in a period, and
/// the rest is a number. Each is counted all the same.
struct NoticeLog {
    private static let period: Duration = .seconds(10)
    private static let linesInPeriod = 10

    private let logger: Logger
    private var periodBegan: Instant?
    private var dropped = 0

    init(_ logger: Logger) { self.logger = logger }

    /// `remark` says what the engine cannot know.
    mutating func write(_ notice: Notice, remark: String? = nil, at now: Instant) {
        let level = Logger.Level(notice.level)
        if case .messageDropped = notice, level >= .warning, !isWorthALine(at: now) { return }
        logger.log(level: level, remark.map { "\(notice): \($0)" } ?? "\(notice)")
    }

    private mutating func isWorthALine(at now: Instant) -> Bool {
        if periodBegan.map({ now - $0 >= Self.period }) ?? true {
            let silenced = dropped - Self.linesInPeriod
            if silenced > 0 { logger.warning("\(silenced) more messages were dropped, see the counters") }
            periodBegan = now
            dropped = 0
        }
        dropped += 1
        return dropped <= Self.linesInPeriod
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
