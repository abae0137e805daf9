// SPDX-License-Identifier: Apache-2.0
import API
import FoundationEssentials
import Hummingbird

/// Answers requests: a fixed set of resources, each by GET only.
struct ManagementResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let backend: any ManagementBackend

    func respond(to request: Request, context: Context) async throws -> Response {
        let path = request.uri.path
        guard let resource = API.Resource.allCases.first(where: { $0.path == path }) else {
            let known = API.Resource.allCases.map(\.path).joined(separator: ", ")
            return try answer(
                .notFound,
                API.Problem(title: "no such resource", detail: "\(path) is not one of \(known)")
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
