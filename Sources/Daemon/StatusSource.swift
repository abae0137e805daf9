// SPDX-License-Identifier: Apache-2.0
import API
import Management

/// A control plane, as the management interface sees it.
protocol StatusSource: Sendable {
    func presentation() async -> Presentation
}

/// Answers the management interface with what a control plane presents.
struct StatusBackend: ManagementBackend {
    let source: any StatusSource

    func status() async -> API.Status { await source.presentation().status }
}
