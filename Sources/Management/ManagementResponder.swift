// SPDX-License-Identifier: Apache-2.0
import API
import FoundationEssentials
import Hummingbird

/// Answers requests: a fixed set of resources by GET, a fixed set of commands by POST.
struct ManagementResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    /// In octets; a request has some hundred.
    private static let bodyLimit = 64 << 10

    let backend: any ManagementBackend

    func respond(to request: Request, context: Context) async throws -> Response {
        let path = request.uri.path
        if let kind = API.Command.Kind.allCases.first(where: { $0.path == path }) {
            return try await respond(to: request, kind)
        }
        guard let resource = API.Resource.allCases.first(where: { $0.path == path }) else {
            let known = API.Resource.allCases.map(\.path) + API.Command.Kind.allCases.map(\.path)
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
        case .counters: try answer(.ok, status.counters)
        case .settings: try answer(.ok, status.settings)
        }
    }

    private func respond(to request: Request, _ kind: API.Command.Kind) async throws -> Response {
        guard request.method == .post else {
            return try answer(
                .methodNotAllowed,
                API.Problem(title: "method not allowed", detail: "\(kind.path) is a command: POST only"),
                headers: [.allow: "POST"]
            )
        }
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: Self.bodyLimit)
        } catch {
            let detail = "more than \(Self.bodyLimit) octets, or it ends early"
            return try answer(.contentTooLarge, API.Problem(title: "body not readable", detail: detail))
        }
        let answers: [API.GatewayAnswer]
        do throws(API.CommandFailure) {
            answers = try await backend.perform(try Self.command(kind, in: Data(body.readableBytesView)))
        } catch {
            return try answer(HTTPResponse.Status(code: error.status), error.problem)
        }
        return try answer(.ok, answers)
    }

    private static func command(_ kind: API.Command.Kind, in body: Data) throws(API.CommandFailure) -> API.Command {
        do {
            let decoder = JSONDecoder()
            switch kind {
            case .revocations: return .revoke(try decoder.decode(API.RevocationRequest.self, from: body))
            case .notifications: return .notify(try decoder.decode(API.NotificationRequest.self, from: body))
            case .attachments: return .attach(try decoder.decode(API.AttachmentRequest.self, from: body))
            case .detachments: return .detach(try decoder.decode(API.AttachmentRequest.self, from: body))
            }
        } catch {
            throw .malformed("\(kind.path) takes a JSON object as docs/operations.md describes it: \(error)")
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
