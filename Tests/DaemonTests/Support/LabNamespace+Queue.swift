// SPDX-License-Identifier: Apache-2.0
import Glibc
import Lab
import LinuxIO
import Wire

extension LabNamespace {
    /// What waits for the UDP socket on a port, in the kernel's octets: each datagram of a size takes as many.
    private func queued(on port: UInt16) throws -> Int {
        let words = ["ss", "-Huan", "sport", "=", ":\(port)"]
        let line = try enter { try FinishedProgram(running: words, input: "").output }
        return line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }

    /// Sends datagrams of one size to the only socket here on a port, and returns when all of them wait in it: a busy kernel
    /// hands on later what was sent.
    func fillSocket(on port: UInt16, with datagrams: [[UInt8]], send: ([UInt8]) throws -> Void) throws {
        func wait(for octets: Int) throws -> Int {
            let deadline = SystemClock.now() + .seconds(30)
            while true {
                let queued = try queued(on: port)
                if queued >= octets { return queued }
                guard SystemClock.now() < deadline else { throw NotQueued() }
                usleep(1000)
            }
        }
        for datagram in datagrams.prefix(1) { try send(datagram) }
        let each = try wait(for: 1)
        for datagram in datagrams.dropFirst() { try send(datagram) }
        _ = try wait(for: each * datagrams.count)
    }
}

private struct NotQueued: Error {}
