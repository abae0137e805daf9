// SPDX-License-Identifier: Apache-2.0

/// What would become of a packet that the daemon had to send at this moment.
package struct FlowExplanation: Codable, Sendable, Equatable {
    package var mobileNode: String
    /// The rule that matches first; absent: none does, and the daemon's distribution decides.
    package var rule: String?
    /// Whose rule that is.
    package var owner: PolicyRule.Owner?
    /// FID of the flow binding (RFC 6089 §4.2).
    package var flowIdentifier: Int?
    package var treatment: String?
    /// The path of the next packet; absent: none.
    package var bindingIdentifier: Int?
    package var label: Int?
    /// The operating system's interface; at a gateway only.
    package var link: String?
    /// Why, in words.
    package var reason: String

    package init(
        mobileNode: String,
        rule: String? = nil,
        owner: PolicyRule.Owner? = nil,
        flowIdentifier: Int? = nil,
        treatment: String? = nil,
        bindingIdentifier: Int? = nil,
        label: Int? = nil,
        link: String? = nil,
        reason: String
    ) {
        self.mobileNode = mobileNode
        self.rule = rule
        self.owner = owner
        self.flowIdentifier = flowIdentifier
        self.treatment = treatment
        self.bindingIdentifier = bindingIdentifier
        self.label = label
        self.link = link
        self.reason = reason
    }
}
