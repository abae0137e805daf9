// SPDX-License-Identifier: Apache-2.0
package import API

/// The daemon as the management interface sees it.
package protocol ManagementBackend: Sendable {
    /// The daemon's state at this moment, consistent in itself.
    func status() async -> API.Status

    /// Returns when all that was asked of gateways has been answered, or asked for in vain.
    func perform(_ command: API.Command) async throws(API.CommandFailure) -> [API.GatewayAnswer]

    /// What would become of a packet.
    func explain(_ question: API.FlowQuestion) async throws(API.CommandFailure) -> API.FlowExplanation
}
