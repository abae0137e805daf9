// SPDX-License-Identifier: Apache-2.0
package import API
import FoundationEssentials
import Glibc

/// Asks a daemon for its state, or tells it what to do: HTTP/1.1 over its Unix socket, one request per connection,
/// blocking.
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
        try decode(try get(resource), as: type)
    }

    /// A resource's JSON text, as the daemon wrote it.
    package func get(_ resource: API.Resource) throws(ClientError) -> [UInt8] {
        try body(of: exchange(request: "GET \(resource.path) \(Self.fields)\r\n"))
    }

    /// The JSON text of what became of a command: an array of ``API/GatewayAnswer``.
    package func perform(_ command: API.Command) throws(ClientError) -> [UInt8] {
        try post(try encoded(command), to: command.kind.path)
    }

    /// The JSON text of an ``API/FlowExplanation``.
    package func explain(_ question: API.FlowQuestion) throws(ClientError) -> [UInt8] {
        try post(try Self.encoded { try $0.encode(question) }, to: API.FlowQuestion.path)
    }

    private func post(_ content: String, to path: String) throws(ClientError) -> [UInt8] {
        let head = "POST \(path) \(Self.fields)Content-Type: application/json\r\n"
        return try body(of: exchange(request: "\(head)Content-Length: \(content.utf8.count)\r\n\r\n\(content)"))
    }

    package func decode<Value: Decodable>(_ body: [UInt8], as type: Value.Type) throws(ClientError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            throw .malformedAnswer(path: socketPath, reason: "its JSON is not that of this version: \(error)")
        }
    }

    private static let fields = "HTTP/1.1\r\nHost: plait\r\nConnection: close\r\n"

    private func encoded(_ command: API.Command) throws(ClientError) -> String {
        try Self.encoded { encoder in
            switch command {
            case .revoke(let request): try encoder.encode(request)
            case .notify(let request): try encoder.encode(request)
            case .attach(let request), .detach(let request): try encoder.encode(request)
            case .setPolicy(let request): try encoder.encode(request)
            }
        }
    }

    private static func encoded(_ encode: (JSONEncoder) throws -> Data) throws(ClientError) -> String {
        do {
            return String(decoding: try encode(JSONEncoder()), as: UTF8.self)
        } catch {
            throw .refused(API.Problem(title: "the request cannot be written", detail: "\(error)"))
        }
    }

    private func body(of answer: HTTPAnswer) throws(ClientError) -> [UInt8] {
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
