// SPDX-License-Identifier: Apache-2.0
package import API

/// The daemon as the management interface sees it.
package protocol ManagementBackend: Sendable {
    /// The daemon's state at this moment, consistent in itself.
    func status() async -> API.Status
}
