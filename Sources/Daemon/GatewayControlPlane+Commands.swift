// SPDX-License-Identifier: Apache-2.0
import API
import Forwarding
import Logging
import Mobility
import Wire

/// What an operator has the gateway do.
extension GatewayControlPlane {
    /// RFC 5846 §9.2: what a gateway wants gone it de-registers.
    func perform(_ command: API.Command) async throws(API.CommandFailure) -> [API.GatewayAnswer] {
        switch command {
        case .revoke, .notify: throw .anchorsOnly
        case .setPolicy(let request):
            let rules = try await CurrentPolicy.rules(of: request, for: policy.owner)
            let answers = policy.change(to: rules, from: request.file, of: configuration.identifier)
            logger.notice("the policy is that of \(request.file) now; rules: \(policy.rules.count)")
            applyPolicy()
            return answers
        case .attach(let request):
            return try answer(request, "attached") { accessLinks.attach($0, on: request.link) }
        case .detach(let request):
            return try answer(request, "detached") { accessLinks.detach($0, on: request.link) }
        }
    }

    func explain(_ question: API.FlowQuestion) async throws(API.CommandFailure) -> API.FlowExplanation {
        let found = await worker.explain(try FlowQuestion(question))
        return try dataPlane.explanation(found, of: question, runner.engine.snapshot.sessions)
    }

    private func answer(
        _ request: API.AttachmentRequest,
        _ outcome: String,
        _ change: (NodeIdentifier) -> [String]
    ) throws(API.CommandFailure) -> [API.GatewayAnswer] {
        let links = change(NodeIdentifier(nai: request.mobileNode))
        guard !links.isEmpty else {
            let place = request.link.map { "on the access link \($0)" } ?? "on any access link"
            throw .notFound("no mobile node \(request.mobileNode) is known \(place), or the link is down")
        }
        return links.map { link in
            API.GatewayAnswer(
                gateway: configuration.identifier,
                subject: "\(request.mobileNode) on \(link)",
                outcome: outcome,
                isDone: true
            )
        }
    }
}
