// SPDX-License-Identifier: Apache-2.0
package import Wire

/// The addresses that stand behind a policy's names at a moment. A name that is not here has none, and matches nothing.
package struct LearntAddresses: Equatable, Sendable {
    package var terminals: [PolicyTerminal: Set<IPAddress>] = [:]
    package var domains: [DomainPattern: Set<IPAddress>] = [:]

    package init() {}
}
