// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Logging
import Wire

/// What a gateway finds out about the names in its policy. Belongs to the control plane's thread.
final class PolicyLearning {
    /// Between two words about the names: each may mean new rules for data plane, kernel and anchor.
    private static let pause = Duration.seconds(1)

    private let terminals: TerminalWatch
    private let worker: Worker
    private let reactor: Reactor
    private var names = ResolvedNames()
    private var addresses = LearntAddresses()
    private var alarm: Alarm?
    private var isListening = false
    private var isStopped = false
    /// When what was heard of names was told last.
    private var toldAt: Instant?
    /// Called with all that is known, when it may have changed.
    var learnt: (LearntAddresses) -> Void = { _ in }

    init(_ terminals: TerminalWatch, _ worker: Worker, on reactor: Reactor) {
        self.terminals = terminals
        self.worker = worker
        self.reactor = reactor
        terminals.found = { [unowned self] found in
            self.addresses.terminals = found
            self.learnt(self.addresses)
        }
    }

    /// From now on these names matter. `heard` is given what name servers answer, on any thread, for ``hear(_:)``.
    func follow(_ policy: CurrentPolicy, heard: @escaping @Sendable ([UInt8]) -> Void) {
        names.follow(policy.domains)
        addresses.domains = names.addresses
        if isListening != !policy.domains.isEmpty {
            isListening = !isListening
            worker.post(.reportNameAnswers(isListening ? heard : nil))
        }
        terminals.follow(policy.terminals)
        learnt(addresses)
    }

    func hear(_ octets: [UInt8]) {
        guard !isStopped, let response = try? DNSResponse(decoding: octets) else { return }
        names.learn(response, at: SystemClock.now())
        namesChanged()
    }

    func stop() {
        isStopped = true
        if isListening { worker.post(.reportNameAnswers(nil)) }
        terminals.stop()
        alarm?.cancel()
        alarm = nil
    }

    private func namesChanged() {
        alarm = alarm ?? reactor.makeAlarm { [unowned self] in self.expire() }
        alarm?.set(at: names.nextDeadline)
        guard names.addresses != addresses.domains else { return }
        let now = SystemClock.now()
        if let toldAt, now < toldAt + Self.pause {
            alarm?.set(at: min(names.nextDeadline ?? .never, toldAt + Self.pause))
            return
        }
        toldAt = now
        addresses.domains = names.addresses
        learnt(addresses)
    }

    private func expire() {
        names.expire(at: SystemClock.now())
        namesChanged()
    }
}
