// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// A program that was run to its end, in the calling thread's network namespace.
package struct FinishedProgram: Equatable, Sendable {
    /// What it returned; 128 and more if a signal ended it.
    package let status: Int
    /// What it printed, errors included.
    package let output: String

    /// Runs a program found in PATH, which can read `input`, and waits for its end. Throws `ENOENT` if there is none.
    package init(running arguments: [String], input: String) throws(SystemError) {
        let name = arguments.first ?? ""
        // Files in memory rather than pipes: neither side can wait for the other, however much is said.
        let source = try FileDescriptor(plait_memory_file("input"), call: "memfd_create", subject: name)
        let sink = try FileDescriptor(plait_memory_file("output"), call: "memfd_create", subject: name)
        try source.writeAll(Array(input.utf8), name)
        let process = try Spawn.start(arguments) { actions in
            posix_spawn_file_actions_adddup2(&actions, source.raw, 0)
            posix_spawn_file_actions_adddup2(&actions, sink.raw, 1)
            posix_spawn_file_actions_adddup2(&actions, sink.raw, 2)
        }
        var ended: Int32 = 0
        while waitpid(process, &ended, 0) != process {
            guard errno == EINTR else { throw SystemError(call: "waitpid", subject: name) }
        }
        let signal = Int(ended & 0x7F)
        status = signal == 0 ? Int(ended >> 8 & 0xFF) : 128 + signal
        output = String(decoding: try sink.readAll(name), as: UTF8.self)
    }
}

extension FileDescriptor {
    /// Writes a file and goes back to its beginning.
    fileprivate func writeAll(_ octets: [UInt8], _ subject: String) throws(SystemError) {
        var rest = octets[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(raw, $0.baseAddress, $0.count) }
            guard count > 0 else { throw SystemError(call: "write", subject: subject) }
            rest = rest.dropFirst(count)
        }
        guard lseek(raw, 0, SEEK_SET) == 0 else { throw SystemError(call: "lseek", subject: subject) }
    }

    /// A file from its beginning.
    fileprivate func readAll(_ subject: String) throws(SystemError) -> [UInt8] {
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = chunk.withUnsafeMutableBytes { pread(raw, $0.baseAddress, $0.count, off_t(octets.count)) }
            guard count >= 0 else { throw SystemError(call: "pread", subject: subject) }
            guard count > 0 else { return octets }
            octets += chunk.prefix(count)
        }
    }
}
