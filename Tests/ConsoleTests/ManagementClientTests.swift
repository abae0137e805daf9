// SPDX-License-Identifier: Apache-2.0
import API
import Console
import Glibc
import Testing

@Suite struct ManagementClientTests {
    private func answered(_ text: String, pieces: Int = .max) throws -> (Result<[API.Flow], ClientError>, path: String)
    {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/a.sock"
        let listener = UnixListener(path: path)
        defer { listener.close() }
        var thread = pthread_t()
        // The client blocks, hence the listener needs a thread.
        let work = Unmanaged.passRetained(Work { listener.answer(text, pieces: pieces) })
        pthread_create(
            &thread,
            nil,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().perform() }
                return nil
            },
            work.toOpaque()
        )
        defer { pthread_join(thread, nil) }
        let client = ManagementClient(socketPath: path)
        return (Result { () throws(ClientError) in try client.get(.flows, as: [API.Flow].self) }, path)
    }

    private final class Work: Sendable {
        let perform: @Sendable () -> Void
        init(_ perform: @escaping @Sendable () -> Void) { self.perform = perform }
    }

    @Test(arguments: [Int.max, 7])
    func chunkedAnswerIsDecoded(pieces: Int) throws {
        let json = #"[{"mobileNode":"m","tuple":"t","reason":"r","packets":1,"octets":2,"idleSeconds":3}]"#
        let (result, _) = try answered(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(String(json.utf8.count, radix: 16))\r\n\(json)\r\n0\r\n\r\n",
            pieces: pieces
        )
        #expect(
            try result.get() == [
                API.Flow(mobileNode: "m", tuple: "t", reason: "r", packets: 1, octets: 2, idleSeconds: 3)
            ]
        )
    }

    @Test func shortAnswerIsExplained() throws {
        let (result, path) = try answered("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n[")
        #expect(throws: ClientError.malformedAnswer(path: path, reason: "its answer ends early")) { try result.get() }
    }

    @Test func otherJSONIsExplained() throws {
        let (result, path) = try answered("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        let error = #expect(throws: ClientError.self) { try result.get() }
        #expect(error?.description.hasPrefix("what answers at \(path) is no plait of this version: its JSON") == true)
    }

    @Test func problemOfTheDaemonIsPassedOn() throws {
        let (result, _) = try answered(
            "HTTP/1.1 503 x\r\nContent-Length: 29\r\n\r\n" + #"{"title":"busy","detail":"x"}"#
        )
        let error = #expect(throws: ClientError.self) { try result.get() }
        #expect(error == .refused(API.Problem(title: "busy", detail: "x")))
        #expect(error?.description == "the daemon refused: busy: x")
    }

    @Test func silenceEndsWithTheTimeout() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/a.sock"
        let listener = UnixListener(path: path)
        defer { listener.close() }
        let client = ManagementClient(socketPath: path, timeout: .milliseconds(50))
        #expect(throws: ClientError.timedOut(path: path)) { try client.get(.flows) }
    }

    @Test func nobodyAnswering() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/a.sock"
        let client = ManagementClient(socketPath: path)
        let missing = #expect(throws: ClientError.self) { try client.get(.flows) }
        #expect(missing?.description == "no plait answers at \(path): is the daemon running?")
        #expect(missing?.meansNoDaemon == true)
        UnixListener(path: path).close()
        #expect(throws: ClientError.noDaemon(path: path)) { try client.get(.flows) }
        let long = String(repeating: "x", count: 108)
        #expect(throws: ClientError.pathTooLong(path: long)) { try ManagementClient(socketPath: long).get(.flows) }
    }

    @Test func onlySocketOfADirectoryIsFound() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: ClientError.noSocketFound(directory: directory.path)) {
            try SocketLocation.only(in: directory.path)
        }
        let first = "\(directory.path)/lma.sock"
        UnixListener(path: first).close()
        #expect(try SocketLocation.only(in: directory.path) == first)
        let second = "\(directory.path)/mag.sock"
        UnixListener(path: second).close()
        #expect(throws: ClientError.severalSockets([first, second])) { try SocketLocation.only(in: directory.path) }
        #expect(try SocketLocation.find(named: "/x") == "/x")
    }
}
