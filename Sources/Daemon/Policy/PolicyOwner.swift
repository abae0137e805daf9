// SPDX-License-Identifier: Apache-2.0
import Wire

/// Whose policy it is: what its rules may say differs, and from where their numbers count.
package enum PolicyOwner: Equatable, Sendable {
    /// With the labels of its WANs: a rule that names another would never do what it says.
    case gateway(labels: Set<UInt8>)
    /// Sites of many gateways: their labels are not known here.
    case anchor

    /// Of flow identifiers and of priorities.
    package var firstNumber: UInt16 {
        switch self {
        case .gateway: 1
        case .anchor: FlowRule.firstOfAnchor
        }
    }
}
