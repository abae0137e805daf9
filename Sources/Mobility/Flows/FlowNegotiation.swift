// SPDX-License-Identifier: Apache-2.0
import Wire

/// What one end knows of the flow bindings that its peer has from it, where every message that names some deletes all
/// others (RFC 6089 §5.2.3, §5.2.4), and messages get lost.
struct FlowNegotiation: Sendable {
    /// What one message said.
    struct Message: Sendable {
        let number: UInt64
        /// In Flow Identification.
        var told: [UInt16: FlowBinding] = [:]
        /// In Flow Summary.
        var kept: [UInt16] = []
    }

    enum Standing: Hashable, Sendable {
        case told
        case agreed
        case refused(FlowBindingStatus)
    }

    struct Entry: Sendable {
        var binding: FlowBinding
        /// The first of the messages that say this of the flow, and of which none says anything else.
        var since: UInt64
        var standing: Standing
        /// The peer may have another form of it from before.
        var hasPredecessor: Bool
    }

    /// What silence about a flow means in an answer.
    enum Silence: Sendable { case refusal, agreement }

    private(set) var entries: [UInt16: Entry] = [:]
    /// What the peer may have and shall not: by the message that first left it out; nil: none has yet.
    private var leaving: [UInt16: UInt64?] = [:]
    private var newest: UInt64 = 0

    var hasAgreed: Bool { entries.values.contains { $0.standing == .agreed } }
    var identifiers: [UInt16] { entries.filter { !$0.value.isRefused }.keys.sorted() }

    /// The peer has all of it, or does not want to, and nothing else.
    func isSettled(_ wanted: [FlowBinding]) -> Bool {
        leaving.isEmpty && entries.count == wanted.count
            && wanted.allSatisfy { binding in
                guard let entry = entries[binding.identifier], entry.binding.says(binding) else { return false }
                return entry.standing != .told
            }
    }

    /// Begins anew: the peer has nothing. What is under way counts no longer.
    mutating func forget() {
        entries = [:]
        leaving = [:]
    }

    /// The peer has lost what it had agreed to.
    mutating func forgetAgreed() {
        entries = entries.filter { $0.value.standing != .agreed }
        leaving = [:]
    }

    /// What was refused for this may be asked for again.
    mutating func retry(_ status: FlowBindingStatus) {
        entries = entries.filter { $0.value.standing != .refused(status) }
    }

    /// As the management interface shows it.
    func state(of identifier: UInt16) -> FlowBindingSnapshot.State {
        switch entries[identifier]?.standing {
        case .told, nil: .pending
        case .agreed: .agreed
        case .refused(let status): .refused(status)
        }
    }

    // MARK: Telling

    /// What the next message says. `room`: octets for it; what does not fit is the next one's, and until then the peer's no
    /// longer.
    mutating func compose(_ wanted: [FlowBinding], room: Int) -> (message: Message, options: [any MobilityOption]) {
        newest += 1
        var message = Message(number: newest)
        let names = Set(wanted.map(\.identifier))
        for identifier in entries.keys where !names.contains(identifier) { leave(identifier) }
        var untold: [FlowBinding] = []
        for binding in wanted {
            guard let entry = entries[binding.identifier], entry.binding.says(binding), entry.standing != .told else {
                untold.append(binding)
                continue
            }
            if entry.standing == .agreed { message.kept.append(binding.identifier) }
        }
        var options: [any MobilityOption] = []
        var left = room - Self.size(ofSummary: message.kept.count)
        var isFull = false
        for binding in untold {
            let option = binding.option
            // Type, length, and padding in front of it.
            let size = option.data.count + 2 + 7
            isFull = isFull || size > left && !options.isEmpty
            guard !isFull else {
                leave(binding.identifier)
                continue
            }
            left -= size
            tell(binding, in: &message)
            options.append(option)
        }
        for (identifier, number) in leaving where number == nil { leaving[identifier] = .some(newest) }
        return (message, Self.summary(of: message.kept) + options)
    }

    private mutating func tell(_ binding: FlowBinding, in message: inout Message) {
        let identifier = binding.identifier
        let old = entries[identifier]
        let isSame = old?.binding.says(binding) == true
        let isThere = leaving[identifier] != nil || old.map { !$0.isRefused || $0.hasPredecessor } ?? false
        entries[identifier] = Entry(
            binding: binding,
            since: isSame ? old?.since ?? message.number : message.number,
            standing: .told,
            hasPredecessor: isSame ? old?.hasPredecessor ?? false : isThere
        )
        leaving[identifier] = nil
        message.told[identifier] = binding
    }

    private mutating func leave(_ identifier: UInt16) {
        guard let entry = entries.removeValue(forKey: identifier) else { return }
        if !entry.isRefused || entry.hasPredecessor { leaving[identifier] = .some(nil) }
    }

    private static func size(ofSummary count: Int) -> Int { count * 2 + (count + 126) / 127 * 3 }

    static func summary(of identifiers: [UInt16]) -> [FlowSummary] {
        stride(from: 0, to: identifiers.count, by: 127).map { start in
            FlowSummary(Array(identifiers[start..<min(start + 127, identifiers.count)]))
        }
    }

    // MARK: Answers

    /// What the answer to a message teaches. Those that are refused now, and were not before.
    mutating func settle(
        _ message: Message,
        by answers: [FlowIdentification],
        silence: Silence
    ) -> [(binding: FlowBinding, status: FlowBindingStatus)] {
        let statuses = Dictionary(answers.map { ($0.identifier, $0.status) }) { first, _ in first }
        var refusals: [(binding: FlowBinding, status: FlowBindingStatus)] = []
        for (identifier, binding) in message.told.sorted(by: { $0.key < $1.key }) {
            // A later message may say otherwise of it: then that one's answer counts.
            guard var entry = entries[identifier], entry.binding.says(binding), message.number >= entry.since else {
                continue
            }
            let unsaid = silence == .agreement ? FlowBindingStatus.successful : .rejected
            let status = statuses[identifier] ?? unsaid
            if status.isAccepted {
                entry.standing = .agreed
            } else {
                if entry.standing != .refused(status) { refusals.append((binding, status)) }
                entry.standing = .refused(status)
                // Refused is only the change: what was before goes by omission.
                if entry.hasPredecessor { leaving[identifier] = .some(nil) }
            }
            entry.hasPredecessor = false
            entries[identifier] = entry
        }
        for identifier in message.kept {
            guard let status = statuses[identifier], !status.isAccepted, let entry = entries[identifier],
                entry.standing == .agreed, message.number >= entry.since
            else { continue }
            // RFC 6089 §4.2, 132: the peer has it no longer, and is told anew.
            entries[identifier] = nil
        }
        leaving = leaving.filter { identifier, number in
            guard let number, message.number >= number else { return true }
            return message.told[identifier] != nil || message.kept.contains(identifier)
        }
        return refusals
    }
}

extension FlowNegotiation.Entry {
    var isRefused: Bool {
        switch standing {
        case .refused: true
        case .told, .agreed: false
        }
    }
}
