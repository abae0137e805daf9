// SPDX-License-Identifier: Apache-2.0
import LinuxIO

/// Talks to a running emulator through its local socket.
package struct EmulatorClient: Sendable {
    /// The emulator refused, or did not answer; says why.
    package struct Failure: Error, CustomStringConvertible, Sendable {
        package var description: String
    }

    /// Its path.
    package var socket: String

    package init(socket: String) { self.socket = socket }

    /// All directions of all links.
    package func status() throws(Failure) -> [LinkStatus] {
        try ask(.status).split(separator: "\n").compactMap { LinkStatus(line: $0) }
    }

    /// Gives directions of a link new settings, for packets offered from then on.
    package func change(_ link: String, _ directions: [LinkDirection], _ changes: LinkChanges) throws(Failure) {
        _ = try ask(.change(link: link, directions, changes))
    }

    /// Ends the emulator; its links carry nothing any more.
    package func stop() throws(Failure) { _ = try ask(.stop) }

    private func ask(_ request: EmulatorRequest) throws(Failure) -> String {
        let answer: String
        do throws(SystemError) {
            let connection = try LocalSocket.connected(to: socket)
            try connection.send(request.text)
            answer = try connection.receive()
        } catch {
            throw Failure(description: "the link emulator does not answer: \(error)")
        }
        if answer.hasPrefix("ok") { return String(answer.dropFirst(2)) }
        throw Failure(description: answer.isEmpty ? "the link emulator does not answer" : String(answer.dropFirst(6)))
    }
}
