// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A process in a session of its own, which outlives its parent unless somebody ends it.
package struct ChildProcess: Sendable {
    /// The process number.
    package let identifier: Int32

    /// Takes note of a process that runs already.
    package init(identifier: Int32) { self.identifier = identifier }

    /// Starts a program found in PATH; what it prints is appended to the file `output`.
    package init(starting arguments: [String], output: String) throws(SystemError) {
        identifier = try Spawn.start(arguments) { actions in
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o644)
            posix_spawn_file_actions_adddup2(&actions, 1, 2)
        }
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
