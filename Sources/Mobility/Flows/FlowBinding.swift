// SPDX-License-Identifier: Apache-2.0
package import Wire

/// A flow binding as it travels in Flow Identification (RFC 6089 §4.2): an entry of the list of RFC 6089 §4.3.
package struct FlowBinding: Hashable, Sendable {
    package var identifier: UInt16
    package var priority: UInt16
    package var selector: TrafficSelector
    /// The Binding Reference, in its order.
    package var bindings: [UInt8]
    /// nil: of a peer that knows RFC 6089 alone, or for one.
    package var scheme: FlowScheme?

    /// `bindings`: those named in the reference.
    init(_ rule: FlowRule, bindings: [UInt8], hasScheme: Bool) {
        identifier = rule.identifier
        priority = rule.priority
        selector = rule.selector
        self.bindings = bindings
        scheme = hasScheme ? FlowScheme(of: rule) : nil
    }

    package init(
        identifier: UInt16,
        priority: UInt16,
        selector: TrafficSelector,
        bindings: [UInt8],
        scheme: FlowScheme?
    ) {
        self.identifier = identifier
        self.priority = priority
        self.selector = selector
        self.bindings = bindings
        self.scheme = scheme
    }

    /// What it asks for. RFC 6089 §5.3.1 without a scheme: to one binding, or a copy to each.
    var rule: FlowRule {
        var rule = FlowRule(
            identifier: identifier,
            priority: priority,
            selector: selector,
            treatment: bindings.count > 1 ? .duplicate : .pin,
            paths: .bindings(bindings)
        )
        guard let scheme else { return rule }
        rule.treatment = scheme.treatment
        if !scheme.namesBindings { rule.paths = scheme.labels.isEmpty ? .any : .labels(scheme.labels) }
        rule.isStrict = scheme.isStrict
        rule.guaranteedRate = scheme.guaranteedRate
        rule.maximumRate = scheme.maximumRate
        rule.name = String(decoding: scheme.name, as: UTF8.self)
        return rule
    }

    /// A scheme that names labels needs no reference: what RFC 6089 demands is there for form's sake.
    private var isBoundByReference: Bool { scheme?.namesBindings ?? true }

    /// The same to the peer, whichever paths there are just now.
    func says(_ other: FlowBinding) -> Bool {
        var own = self
        if !isBoundByReference { own.bindings = other.bindings }
        return own == other
    }

    /// RFC 6089 §4.3: inactive while none of its bindings is there.
    func isActive(over registered: Set<UInt8>) -> Bool {
        !isBoundByReference || bindings.contains(where: registered.contains)
    }

    var option: FlowIdentification {
        var subOptions = SubOptions()
        if !bindings.isEmpty { subOptions.append(BindingReference(bindings.map(UInt16.init))) }
        subOptions.append(TrafficSelectorSubOption(selector))
        if let scheme { subOptions.append(FlowVendorSpecific(scheme)) }
        return FlowIdentification(identifier: identifier, priority: priority, subOptions: subOptions)
    }
}
