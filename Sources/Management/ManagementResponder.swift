// SPDX-License-Identifier: Apache-2.0
import API
import FoundationEssentials
import Hummingbird

/// Answers requests: a fixed set of resources by GET, a fixed set of commands by POST.
struct ManagementResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    /// In octets; a request has some hundred.
    private static let bodyLimit = 64 << 10
    /// Of one that brings a file, which may have as much as a configuration.
    private static let fileLimit = 2 << 20

    let backend: any ManagementBackend

    func respond(to request: Request, context: Context) async throws -> Response {
        let path = request.uri.path
        if let kind = API.Command.Kind.allCases.first(where: { $0.path == path }) {
            let limit = kind == .policies ? Self.fileLimit : Self.bodyLimit
            return try await respond(to: request, atMost: limit) { (body) throws(API.CommandFailure) in
                try await backend.perform(try Self.command(kind, in: body))
            }
        }
        if path == API.FlowQuestion.path {
            return try await respond(to: request, atMost: Self.bodyLimit) { (body) throws(API.CommandFailure) in
                try await backend.explain(try Self.decoded(path) { try $0.decode(API.FlowQuestion.self, from: body) })
            }
        }
        guard let resource = API.Resource.allCases.first(where: { $0.path == path }) else {
            let known =
                API.Resource.allCases.map(\.path) + API.Command.Kind.allCases.map(\.path) + [API.FlowQuestion.path]
            return try answer(
                .notFound,
                API.Problem(
                    title: "no such resource",
                    detail: "\(path) is not one of \(known.joined(separator: ", "))"
                )
            )
        }
        guard request.method == .get else {
            return try answer(
                .methodNotAllowed,
                API.Problem(title: "method not allowed", detail: "\(path) can be read with GET only"),
                headers: [.allow: "GET"]
            )
        }
        let status = await backend.status()
        return switch resource {
        case .status: try answer(.ok, status)
        case .bindings: try answer(.ok, status.bindings)
        case .paths: try answer(.ok, status.paths)
        case .flows: try answer(.ok, status.flows)
        case .policy: try answer(.ok, status.policy)
        case .counters: try answer(.ok, status.counters)
        case .settings: try answer(.ok, status.settings)
        }
    }

    private func respond<Answer: Encodable>(
        to request: Request,
        atMost limit: Int,
        _ perform: (Data) async throws(API.CommandFailure) -> Answer
    ) async throws -> Response {
        guard request.method == .post else {
            return try answer(
                .methodNotAllowed,
                API.Problem(title: "method not allowed", detail: "\(request.uri.path) is asked for with POST only"),
                headers: [.allow: "POST"]
            )
        }
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: limit)
        } catch {
            let detail = "more than \(limit) octets, or it ends early"
            return try answer(.contentTooLarge, API.Problem(title: "body not readable", detail: detail))
        }
        let result: Answer
        do throws(API.CommandFailure) {
            result = try await perform(Data(body.readableBytesView))
        } catch {
            return try answer(HTTPResponse.Status(code: error.status), error.problem)
        }
        return try answer(.ok, result)
    }

    private static func command(_ kind: API.Command.Kind, in body: Data) throws(API.CommandFailure) -> API.Command {
        try decoded(kind.path) { decoder in
            switch kind {
            case .revocations: .revoke(try decoder.decode(API.RevocationRequest.self, from: body))
            case .notifications: .notify(try decoder.decode(API.NotificationRequest.self, from: body))
            case .attachments: .attach(try decoder.decode(API.AttachmentRequest.self, from: body))
            case .detachments: .detach(try decoder.decode(API.AttachmentRequest.self, from: body))
            case .policies: .setPolicy(try decoder.decode(API.PolicyRequest.self, from: body))
            }
        }
    }

    private static func decoded<Value>(
        _ path: String,
        _ decode: (JSONDecoder) throws -> Value
    ) throws(API.CommandFailure) -> Value {
        do {
            return try decode(JSONDecoder())
        } catch {
            throw .malformed("\(path) takes a JSON object as docs/operations.md describes it: \(error)")
        }
    }

    private func answer(
        _ status: HTTPResponse.Status,
        _ body: some Encodable,
        headers: HTTPFields = [:]
    ) throws -> Response {
        let encoder = JSONEncoder()
        // Sorted, so that two answers can be compared line by line.
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        var headers = headers
        headers[.contentType] = "application/json; charset=utf-8"
        let octets = try encoder.encode(body)
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: octets)))
    }
}
