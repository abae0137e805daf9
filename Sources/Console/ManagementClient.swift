// SPDX-License-Identifier: Apache-2.0
package import API
import FoundationEssentials
import Glibc

/// Asks a daemon for its state: HTTP/1.1 over its Unix socket, one GET per connection, blocking.
package struct ManagementClient: Sendable {
    private let socketPath: String
    private let timeout: Duration

    /// - Parameter timeout: for the whole exchange, connecting included.
    package init(socketPath: String, timeout: Duration = .seconds(5)) {
        self.socketPath = socketPath
        self.timeout = timeout
    }

    /// A resource's value.
    package func get<Value: Decodable>(_ resource: API.Resource, as type: Value.Type) throws(ClientError) -> Value {
        let body = try get(resource)
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            throw .malformedAnswer(path: socketPath, reason: "its JSON is not that of this version: \(error)")
        }
    }

    /// A resource's JSON text, as the daemon wrote it.
    package func get(_ resource: API.Resource) throws(ClientError) -> [UInt8] {
        let answer = try exchange(request: "GET \(resource.path) HTTP/1.1\r\nHost: plait\r\nConnection: close\r\n\r\n")
        guard answer.status == 200 else {
            if let problem = try? JSONDecoder().decode(API.Problem.self, from: Data(answer.body)) {
                throw .refused(problem)
            }
            throw .refused(API.Problem(title: "status \(answer.status)", detail: "the daemon gave no reason"))
        }
        return answer.body
    }

    private func exchange(request: String) throws(ClientError) -> HTTPAnswer {
        let connection = try UnixConnection(path: socketPath, deadline: .now + timeout)
        defer { connection.close() }
        try connection.send(Array(request.utf8))
        var parser = HTTPAnswerParser()
        do {
            while true {
                let octets = try connection.receive()
                if let answer = try parser.consume(octets) { return answer }
            }
        } catch let error as HTTPAnswerError {
            throw .malformedAnswer(path: socketPath, reason: "\(error)")
        } catch let error as ClientError {
            throw error
        } catch {
            throw .malformedAnswer(path: socketPath, reason: "\(error)")
        }
    }
}
