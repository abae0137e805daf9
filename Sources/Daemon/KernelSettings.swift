// SPDX-License-Identifier: Apache-2.0
import Glibc
package import LinuxIO
package import Logging
import Synchronization

/// Changes the kernel's settings and puts them back. Nothing else in the daemons writes below `/proc/sys`.
///
/// Each previous value is in the journal before the setting is changed. Any thread in the daemon's network may ask.
package final class KernelSettings: Sendable {
    private struct Held {
        var number: Journal.Number
        var change: ChangedSetting
    }

    private let journal: Journal
    private let logger: Logger
    /// In the order in which they were first changed.
    private let held = Mutex<[Held]>([])

    /// Puts back first what a daemon left that was killed.
    package init(_ journal: Journal, logger: Logger) {
        self.journal = journal
        self.logger = logger
        let left = journal.leftovers.compactMap { number, entry in
            ChangedSetting(entry).map { Held(number: number, change: $0) }
        }
        for held in left.reversed() { putBack(held, note: ", left by a daemon that was killed") }
    }

    /// What is changed at present.
    package var changes: [ChangedSetting] { held.withLock { $0.map(\.change) } }

    /// Sets a value until the end. One that is there already is nobody's change. Throws `ENOENT` if there is no such
    /// setting, which for most means that there is no such link.
    package func set(_ value: String, to setting: KernelSetting, because reason: String) throws(SystemError) {
        try held.withLock { (all) throws(SystemError) -> Void in
            let present = try Sysctl.read(setting)
            let place = all.firstIndex { $0.change.setting == setting }
            guard present != value else { return }
            // A link that went and came back has a new value, as has what the operator changed meanwhile.
            let old = place.map { all[$0] }
            let previous = if let old, old.change.value == present { old.change.previous } else { present }
            let change = ChangedSetting(setting, previous: previous, value: value, reason: reason)
            let number = try journal.note(Journal.Entry(change))
            if let old { try journal.strike(old.number) }
            if let place {
                all[place] = Held(number: number, change: change)
            } else {
                all.append(Held(number: number, change: change))
            }
            try Sysctl.write(value, to: setting)
            logger.info("\(setting) is set from \(present) to \(value): \(reason)")
        }
    }

    /// Puts everything back, the last change first.
    package func restoreAll() {
        let all = held.withLock { all in
            defer { all = [] }
            return all
        }
        for held in all.reversed() { putBack(held) }
    }

    /// Only if it is as we left it: what somebody else has set since is theirs. What fails stays in the journal.
    private func putBack(_ held: Held, note: String = "") {
        let change = held.change
        do throws(SystemError) {
            do throws(SystemError) {
                let present = try Sysctl.read(change.setting)
                if present == change.value {
                    try Sysctl.write(change.previous, to: change.setting)
                    logger.info("\(change.setting) is set back from \(present) to \(change.previous)\(note)")
                } else if present != change.previous {
                    logger.warning("\(change.setting) stays at \(present): it is not our \(change.value) any more")
                }
            } catch  where error.errno == ENOENT {
                // Gone with its link.
            }
            try journal.strike(held.number)
        } catch {
            logger.error("\(change.setting) is not set back to \(change.previous): \(error)")
        }
    }
}

extension ChangedSetting {
    /// nil if the entry is about something else.
    fileprivate init?(_ entry: Journal.Entry) {
        guard case .setting(let path, let previous, let value, let reason) = entry,
            let setting = KernelSetting(path: path)
        else { return nil }
        self.init(setting, previous: previous, value: value, reason: reason)
    }
}

extension Journal.Entry {
    fileprivate init(_ change: ChangedSetting) {
        self = .setting(
            path: change.setting.path,
            previous: change.previous,
            value: change.value,
            reason: change.reason
        )
    }
}
