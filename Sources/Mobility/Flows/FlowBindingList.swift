// SPDX-License-Identifier: Apache-2.0
import Wire

/// The flow bindings that a peer has told of a session, in the order in which they are matched (RFC 6089 §4.3).
package struct FlowBindingList: Hashable, Sendable {
    /// Whose they are: each end has identifiers and priorities of its own (docs/flow-signalling.md).
    enum Owner: Sendable { case gateway, anchor }

    /// A selector each is looked at for each new flow.
    package static let limit = 256

    package private(set) var all: [FlowBinding] = []

    package init(_ all: [FlowBinding] = []) { self.all = all }

    var isEmpty: Bool { all.isEmpty }

    subscript(identifier: UInt16) -> FlowBinding? { all.first { $0.identifier == identifier } }

    /// What is in force over these bindings.
    func rules(over registered: Set<UInt8>) -> [FlowRule] {
        all.lazy.filter { $0.isActive(over: registered) }.map(\.rule)
    }

    mutating func removeAll() { all = [] }

    /// Adds, changes, keeps, and by omission deletes (RFC 6089 §5.3.2, §5.3.3). The answers: each Flow Identification with
    /// its status, and one with status 132 for each unknown flow that was only to be kept.
    mutating func apply(
        _ options: MobilityOptions,
        of owner: Owner,
        over registered: Set<UInt8>,
        readsSchemes: Bool = true
    ) -> [FlowIdentification] {
        let told = options.all(FlowIdentification.self)
        let kept = options.all(FlowSummary.self).flatMap(\.flowIdentifiers)
        let unreadable = options.malformed.compactMap(Self.answer)
        let named = Set(told.map(\.identifier)).union(kept).union(unreadable.map(\.identifier))
        all.removeAll { !named.contains($0.identifier) }
        var known = Set(all.map(\.identifier))
        var answers: [FlowIdentification] = []
        // RFC 6089 §5.3.2: one flow twice in an update spoils all that it says.
        let isSpoilt = Set(told.map(\.identifier)).count < told.count
        let changed = Set(told.map(\.identifier))
        var settled: Set<UInt16> = []
        for option in told {
            var answer = option
            let verdict =
                isSpoilt
                ? .refused(.malformed)
                : judge(option, of: owner, over: registered, readsSchemes: readsSchemes, pending: changed, settled)
            switch verdict {
            case .refused(let status): answer.status = status
            case .accepted(let binding):
                answer.status = .successful
                all.removeAll { $0.identifier == binding.identifier }
                all.append(binding)
                settled.insert(binding.identifier)
            }
            answers.append(answer)
        }
        all.sort { ($0.priority, $0.identifier) < ($1.priority, $1.identifier) }
        known.formUnion(changed)
        known.formUnion(unreadable.map(\.identifier))
        var unknown: [FlowIdentification] = []
        for identifier in kept where known.insert(identifier).inserted {
            unknown.append(FlowIdentification(identifier: identifier, priority: 0, status: .flowNotFound))
        }
        return answers + unreadable + unknown
    }

    private enum Verdict {
        case accepted(FlowBinding)
        case refused(FlowBindingStatus)
    }

    /// RFC 6089 §5.3.2.1, §5.3.2.2. `pending`: flows that the same update changes, of which some have their new priority.
    private func judge(
        _ option: FlowIdentification,
        of owner: Owner,
        over registered: Set<UInt8>,
        readsSchemes: Bool,
        pending: Set<UInt16>,
        _ settled: Set<UInt16>
    ) -> Verdict {
        guard Self.isWellFormed(option, readsSchemes: readsSchemes) else { return .refused(.malformed) }
        let existing = self[option.identifier]
        guard let selector = option.trafficSelector ?? existing?.selector else { return .refused(.malformed) }
        if case .other = selector { return .refused(.selectorFormatNotSupported) }
        var scheme = readsSchemes ? option.scheme : nil
        // An update without either leaves both as they are.
        if scheme == nil, option.bindingIdentifiers == nil { scheme = existing?.scheme }
        let isReferenceNeeded = owner == .gateway || scheme?.namesBindings == true
        let reference = option.bindingIdentifiers ?? existing?.bindings.map(UInt16.init)
        guard reference != nil || !isReferenceNeeded else { return .refused(.malformed) }
        let bindings = (reference ?? []).compactMap { UInt8(exactly: $0) }
        if let named = option.bindingIdentifiers {
            guard bindings.count == named.count, bindings.allSatisfy(registered.contains) else {
                return .refused(.bindingNotFound)
            }
        }
        let binding = FlowBinding(
            identifier: option.identifier,
            priority: option.priority,
            selector: selector,
            bindings: bindings,
            scheme: scheme
        )
        let isFree = !all.contains { other in
            other.priority == option.priority && other.identifier != option.identifier
                && (!pending.contains(other.identifier) || settled.contains(other.identifier))
        }
        let isRoom = existing != nil || all.count < Self.limit
        return isFree && isRoom && Self.isPermitted(binding, of: owner) ? .accepted(binding) : .refused(.rejected)
    }

    private static func isWellFormed(_ option: FlowIdentification, readsSchemes: Bool) -> Bool {
        let parts = option.subOptions
        // What is a peer's own extension says nothing to who does not know it.
        let malformed = parts.malformed.filter { readsSchemes || $0.optionType != FlowVendorSpecific.type }
        let schemes = parts.all(FlowVendorSpecific.self).filter { if case .scheme = $0.content { true } else { false } }
        return option.identifier != 0 && option.priority != 0 && malformed.isEmpty
            && parts.all(TrafficSelectorSubOption.self).count <= 1 && parts.all(BindingReference.self).count <= 1
            && (!readsSchemes || schemes.count <= 1)
    }

    /// Each end's own range; past the anchor goes only what the gateway sends past it; and what an anchor wants of a
    /// gateway RFC 6089 has no words for.
    private static func isPermitted(_ binding: FlowBinding, of owner: Owner) -> Bool {
        let isAnchors = (binding.identifier >= FlowRule.firstOfAnchor, binding.priority >= FlowRule.firstOfAnchor)
        return switch owner {
        case .gateway: isAnchors == (false, false) && binding.scheme?.treatment != .bypass
        case .anchor: isAnchors == (true, true) && binding.scheme != nil
        }
    }

    /// RFC 6089 §4.2: even one that cannot be read has its flow's name in front.
    private static func answer(to option: MalformedOption) -> FlowIdentification? {
        guard option.optionType == FlowIdentification.type else { return nil }
        var reader = ByteReader(option.content)
        guard let identifier = try? reader.uint16("FID"), let priority = try? reader.uint16("FID-PRI") else {
            return nil
        }
        return FlowIdentification(identifier: identifier, priority: priority, status: .malformed)
    }
}
