// SPDX-License-Identifier: Apache-2.0
import API
import Forwarding
import Logging
import Mobility
import Wire

/// What an operator has the anchor do.
extension AnchorControlPlane {
    func perform(_ command: API.Command) async throws(API.CommandFailure) -> [API.GatewayAnswer] {
        switch command {
        case .revoke(let request):
            let target = try runner.engine.target(of: request)
            return await answers(to: .revoke(target)) { $0.revocationRecords }
        case .attach, .detach: throw .gatewaysOnly
        case .setPolicy(let request):
            let rules = try await CurrentPolicy.rules(of: request, for: policy.owner)
            let answers = policy.change(to: rules, from: request.file, of: configuration.name)
            logger.notice("the policy is that of \(request.file) now; rules: \(policy.rules.count)")
            runner.turn(.policyChanged(policy.bindings))
            return answers
        case .notify(let request):
            let target = try runner.engine.target(of: request)
            let isAcknowledged = request.acknowledged == true
            let reason = NotificationReason(request.reason)
            return await answers(to: .notify(target, reason, isAcknowledgementRequested: isAcknowledged)) {
                $0.notificationRecords
            }
        }
    }

    func explain(_ question: API.FlowQuestion) async throws(API.CommandFailure) -> API.FlowExplanation {
        let found = await worker.explain(try FlowQuestion(question))
        return try dataPlane.explanation(found, of: question, runner.engine.snapshot.sessions)
    }

    /// Of the gateways that the request has the engine ask. The engine gives each of them up after some seconds.
    private func answers<Record: GatewayRecord>(
        to request: AdministrativeRequest,
        _ records: (LocalMobilityAnchor) -> [Record]
    ) async -> [API.GatewayAnswer] {
        let last = records(runner.engine).last?.number ?? 0
        runner.turn(.request(request))
        let numbers = Set(records(runner.engine).map(\.number).filter { $0 > last })
        while true {
            let asked = records(runner.engine).filter { numbers.contains($0.number) }
            guard asked.contains(where: { $0.outcome == nil }), !Task.isCancelled else { return asked.map(\.answer) }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }
}
