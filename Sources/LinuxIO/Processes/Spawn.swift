// SPDX-License-Identifier: Apache-2.0
// `environ` is a plain variable to Swift; nothing here changes it.
@preconcurrency internal import Glibc

/// Starts programs found in PATH, each in a session of its own: what a terminal sends to us is not meant for them.
enum Spawn {
    /// POSIX_SPAWN_SETSID of <spawn.h>, which Glibc's module map leaves out.
    private static let newSession: Int16 = 0x80
    /// Those that somebody sends to end a program, and the one that ends it when nobody reads its output.
    private static let endingSignals = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE]

    /// The process number. `redirect` says what descriptors 0 to 2 become.
    static func start(
        _ arguments: [String],
        redirect: (inout posix_spawn_file_actions_t) -> Void
    ) throws(SystemError) -> pid_t {
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
        for number in endingSignals { sigaddset(&ending, number) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &ending)
        let flags = newSession | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
        posix_spawnattr_setflags(&attributes, flags)
        redirect(&actions)
        var started: pid_t = 0
        let number = ArgumentVector.with(arguments) { vector in
            posix_spawnp(&started, arguments.first ?? "", &actions, &attributes, vector, environ)
        }
        guard number == 0 else {
            throw SystemError(call: "posix_spawnp", errno: number, subject: arguments.first ?? "")
        }
        return started
    }
}
