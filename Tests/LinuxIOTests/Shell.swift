// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

/// Runs a command line, which must succeed: the system's own tools make the scratch networks, and judge.
@discardableResult
func shell(_ line: String) throws -> String {
    var pipe: [Int32] = [0, 0]
    let piped = Glibc.pipe(&pipe)
    try #require(piped == 0)
    // A command of another test must not keep this one's output open.
    for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, pipe[1], 1)
    posix_spawn_file_actions_adddup2(&actions, pipe[1], 2)
    posix_spawn_file_actions_addclose(&actions, pipe[0])
    defer { posix_spawn_file_actions_destroy(&actions) }
    let words: [String] = ["sh", "-c", line]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    var process = pid_t()
    let failure = posix_spawn(&process, "/bin/sh", &actions, nil, &arguments, environ)
    close(pipe[1])
    defer { close(pipe[0]) }
    try #require(failure == 0)
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = read(pipe[0], &chunk, chunk.count)
        guard count > 0 else { break }
        output += chunk.prefix(count)
    }
    var status: Int32 = 0
    waitpid(process, &status, 0)
    let text = String(decoding: output, as: UTF8.self)
    try #require(status == 0, "\(line): \(text)")
    return text
}

/// Asks again and again until there is an answer; nil after the deadline.
func poll<Answer>(seconds: Double = 30, _ question: () throws -> Answer?) rethrows -> Answer? {
    let end = ContinuousClock.now + .seconds(seconds)
    repeat {
        if let answer = try question() { return answer }
        usleep(1000)
    } while ContinuousClock.now < end
    return nil
}
