// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Wire

/// A program that runs while its reactor goes on with other things. Neither its time nor what it prints is without bound,
/// and nothing that it has started outlives it. Belongs to the reactor's thread.
package final class WatchedProgram {
    package enum End: Equatable, Sendable {
        /// What it returned (128 and more if a signal ended it) and what it printed, without errors.
        case ended(status: Int, output: String)
        case tookTooLong
        case printedTooMuch
    }

    private static let pace: Duration = .milliseconds(20)

    private let reactor: Reactor
    private let process: pid_t
    private let source: FileDescriptor
    private let limit: Int
    private let deadline: Instant
    private let ended: (End) -> Void
    private var alarm: Alarm?
    private var octets: [UInt8] = []
    private var isWatched = false
    /// Why it was killed.
    private var verdict: End?

    /// Starts a program found in PATH, whose input is empty. `ended` is called once, but not after `cancel`.
    package init(
        running arguments: [String],
        within time: Duration,
        printingAtMost limit: Int,
        on reactor: Reactor,
        ended: @escaping (End) -> Void
    ) throws(SystemError) {
        let name = arguments.first ?? ""
        var ends: [Int32] = [-1, -1]
        try SystemError.check(pipe(&ends), "pipe", name)
        let source = try FileDescriptor(ends[0], call: "pipe", subject: name)
        let sink = try FileDescriptor(ends[1], call: "pipe", subject: name)
        for end in [source, sink] { try SystemError.check(fcntl(end.raw, F_SETFD, FD_CLOEXEC), "fcntl", name) }
        try SystemError.check(fcntl(source.raw, F_SETFL, O_NONBLOCK), "fcntl", name)
        process = try Spawn.start(arguments) { actions in
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_adddup2(&actions, sink.raw, 1)
            posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        }
        self.reactor = reactor
        self.source = source
        self.limit = limit
        self.ended = ended
        deadline = SystemClock.now() + time
        alarm = reactor.makeAlarm { [unowned self] in self.look() }
        alarm?.set(at: SystemClock.now() + Self.pace)
        do throws(SystemError) {
            try reactor.watch(source.raw) { [unowned self] in self.read() }
            isWatched = true
        } catch {
            cancel()
            throw error
        }
    }

    /// Ends it, and whatever it has started, without a word.
    package func cancel() {
        guard alarm != nil else { return }
        killAll()
        _ = waitpid(process, nil, WNOHANG)
        close()
    }

    private func close() {
        unwatch()
        alarm?.cancel()
        alarm = nil
    }

    private func unwatch() {
        if isWatched { reactor.unwatch(source.raw) }
        isWatched = false
    }

    /// It leads a session of its own.
    private func killAll() { _ = kill(-process, SIGKILL) }

    private func read() {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while verdict == nil {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(source.raw, $0.baseAddress, $0.count) }
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            guard count > 0 else { return unwatch() }
            octets += chunk.prefix(count)
            if octets.count > limit { end(because: .printedTooMuch) }
        }
    }

    private func end(because verdict: End) {
        self.verdict = verdict
        unwatch()
        killAll()
    }

    /// Whether it has ended cannot be watched where something that it started holds its output.
    private func look() {
        var status: Int32 = 0
        guard waitpid(process, &status, WNOHANG) == process else {
            if verdict == nil, SystemClock.now() >= deadline { end(because: .tookTooLong) }
            alarm?.set(at: SystemClock.now() + Self.pace)
            return
        }
        if isWatched { read() }
        killAll()
        close()
        let signal = Int(status & 0x7F)
        let code = signal == 0 ? Int(status >> 8 & 0xFF) : 128 + signal
        ended(verdict ?? .ended(status: code, output: String(decoding: octets, as: UTF8.self)))
    }
}
