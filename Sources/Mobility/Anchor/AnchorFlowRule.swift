// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A flow rule that an operator of an anchor wants of its mobile nodes.
package struct AnchorFlowRule: Hashable, Sendable {
    /// nil: of all.
    package var mobileNode: NodeIdentifier?
    /// Its identifier and priority are the anchor's.
    package var rule: FlowRule

    package init(mobileNode: NodeIdentifier? = nil, rule: FlowRule) {
        self.mobileNode = mobileNode
        self.rule = rule
    }
}
