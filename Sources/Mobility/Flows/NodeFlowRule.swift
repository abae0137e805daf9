// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A flow rule, and whose flows it is about.
package struct NodeFlowRule: Hashable, Sendable {
    /// nil: of all the mobile nodes of the end whose rule it is.
    package var mobileNode: NodeIdentifier?
    package var rule: FlowRule

    package init(mobileNode: NodeIdentifier? = nil, rule: FlowRule) {
        self.mobileNode = mobileNode
        self.rule = rule
    }
}
