// SPDX-License-Identifier: Apache-2.0
// `environ` is a plain variable to Swift; nothing here changes it.
@preconcurrency internal import Glibc

/// A process in a session of its own, which outlives its parent unless somebody ends it.
package struct ChildProcess: Sendable {
    /// POSIX_SPAWN_SETSID of <spawn.h>, which Glibc's module map leaves out.
    private static let newSession: Int16 = 0x80
    /// Those that somebody sends to end a program, and the one that ends it when nobody reads its output.
    private static let endingSignals = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE]

    /// The process number.
    package let identifier: Int32

    /// Takes note of a process that runs already.
    package init(identifier: Int32) { self.identifier = identifier }

    /// Starts a program found in PATH; what it prints is appended to the file `output`.
    package init(starting arguments: [String], output: String) throws(SystemError) {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        // The threads of Swift's pool block all signals, and a child would inherit that.
        var none = sigset_t()
        var ending = sigset_t()
        sigemptyset(&none)
        sigemptyset(&ending)
        for number in Self.endingSignals { sigaddset(&ending, number) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &ending)
        let flags = Self.newSession | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
        posix_spawnattr_setflags(&attributes, flags)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var started: pid_t = 0
        let number = ArgumentVector.with(arguments) { vector in
            posix_spawnp(&started, arguments.first ?? "", &actions, &attributes, vector, environ)
        }
        guard number == 0 else {
            throw SystemError(call: "posix_spawnp", errno: number, subject: arguments.first ?? "")
        }
        identifier = started
    }

    /// Whether it still runs. A child that has ended is reaped by asking.
    package var isRunning: Bool {
        var status: Int32 = 0
        if waitpid(identifier, &status, WNOHANG) == identifier { return false }
        return kill(identifier, 0) == 0
    }

    /// Sends a signal, SIGTERM for instance; nothing happens when the process has ended.
    package func signal(_ number: Int32) { _ = kill(identifier, number) }

    /// Becomes another program, found in PATH. Returns only to throw.
    package static func replaceThisProcess(with arguments: [String]) throws(SystemError) -> Never {
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        ArgumentVector.with(arguments) { vector in _ = execvp(arguments.first ?? "", vector) }
        throw SystemError(call: "execvp", subject: arguments.first ?? "")
    }
}
