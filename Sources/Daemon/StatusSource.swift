// SPDX-License-Identifier: Apache-2.0
import API
import Management

/// A control plane, as the management interface sees it.
protocol StatusSource: Sendable {
    func presentation() async -> Presentation

    /// Returns when all that was asked of gateways has been answered, or asked for in vain.
    func perform(_ command: API.Command) async throws(API.CommandFailure) -> [API.GatewayAnswer]

    /// What would become of a packet that had to be sent now.
    func explain(_ question: API.FlowQuestion) async throws(API.CommandFailure) -> API.FlowExplanation
}

/// Answers the management interface with what a control plane presents.
struct StatusBackend: ManagementBackend {
    let source: any StatusSource

    func status() async -> API.Status { await source.presentation().status }

    func perform(_ command: API.Command) async throws(API.CommandFailure) -> [API.GatewayAnswer] {
        try await source.perform(command)
    }

    func explain(_ question: API.FlowQuestion) async throws(API.CommandFailure) -> API.FlowExplanation {
        try await source.explain(question)
    }
}
