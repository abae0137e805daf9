// SPDX-License-Identifier: Apache-2.0
package import Forwarding
package import LinuxIO
package import Logging
import Synchronization
package import Wire

/// Moves user packets between the TUN device and the tunnels' sockets, on a thread of its own.
///
/// Packets are handled inside the readiness callbacks, from slot to slot of the forwarder's arena; nothing else is
/// awaited or called there.
package actor Worker {
    package enum Command: Sendable {
        case forward(ForwardingCommand)
        /// The device is the link that the path's sockets are bound to; nil for any.
        case installPath(PathNumber, PathParameters, device: String?)
        case removePath(PathNumber)
        /// Sources of ICMP errors towards hosts.
        case setICMPSources(IPv6Address?, IPv4Address?)
        /// Who is given what name servers answer to hosts, on this thread; nil: nobody.
        case reportNameAnswers((@Sendable ([UInt8]) -> Void)?)
    }

    private struct Route {
        /// By the inner family, which without GRE and UDP each have a protocol number, and so a socket, of their own.
        var ipv6: TunnelOutlet
        var ipv4: TunnelOutlet
        var local: IPAddress

        func uses(_ outlet: TunnelOutlet) -> Bool { ipv6 === outlet || ipv4 === outlet }
    }

    /// One round takes no more than this from a queue, so that no other starves.
    private static let batch = 64
    /// The newest flows; more than anybody reads.
    private static let flowsShown = 1000
    /// Packets in flight inside the process: reorder buffers and receive batches.
    private static let slots = 16384
    /// Until sockets that could not be opened are tried again.
    private static let patience: Duration = .seconds(1)

    package nonisolated let reactor: Reactor
    /// What other threads want done, oldest first.
    private nonisolated let commands = Mutex<[Command]>([])
    package nonisolated var unownedExecutor: UnownedSerialExecutor { reactor.asUnownedSerialExecutor() }

    private let tun: TUNDevice
    private let logger: Logger
    private var forwarder: Forwarder
    /// What the forwarder adds to, and what is being sent: two, because sending can make the forwarder act.
    private var burst = Burst()
    private var round = Burst()
    private var routes: [PathNumber: Route] = [:]
    private var outlets: [TunnelOutlet.Key: TunnelOutlet] = [:]
    /// By which the forwarder tells links apart; never given twice.
    private var linkNumbers: [String: Int32] = [:]
    private var hostErrors: HostErrorSocket?
    /// Paths whose sockets cannot be opened yet: an address or a link is missing.
    private var waiting: [PathNumber: (parameters: PathParameters, device: String?)] = [:]
    private var alarm: Alarm?
    private var retry: Alarm?
    private var report: @Sendable ([ForwardingEvent]) -> Void = { _ in }
    private var ended: @Sendable (SystemError) -> Void = { _ in }
    private var counters = WorkerCounters()
    private var nameAnswers = NameAnswers()

    package init(role: Role, tun: sending TUNDevice, on reactor: Reactor, seed: UInt64, logger: Logger) {
        self.reactor = reactor
        self.tun = tun
        self.logger = logger
        self.forwarder = Forwarder(role: role, seed: seed, slots: Self.slots)
    }

    /// Begins to read the TUN device. Called on this thread: `report` with what the forwarder has noticed, `ended` when
    /// the TUN device is gone.
    package func start(
        report: @escaping @Sendable ([ForwardingEvent]) -> Void,
        ended: @escaping @Sendable (SystemError) -> Void
    ) throws(SystemError) {
        self.report = report
        self.ended = ended
        // What leaves late leaves a line empty meanwhile. The kernel keeps some time for all others.
        if !SystemThread.preferOverOrdinaryThreads() {
            logger.notice("packets wait for other programs on this machine: CAP_SYS_NICE would let them go first")
        }
        hostErrors = try HostErrorSocket()
        try reactor.watch(tun.fd) { [unowned self] in self.assumeIsolated { $0.readTUN() } }
        alarm = reactor.makeAlarm { [unowned self] in self.assumeIsolated { $0.deadlineReached() } }
        retry = reactor.makeAlarm { [unowned self] in self.assumeIsolated { $0.retryWaiting() } }
    }

    package func stop() {
        routes = [:]
        waiting = [:]
        closeUnusedOutlets()
        reactor.unwatch(tun.fd)
        for alarm in [alarm, retry] { alarm?.cancel() }
        alarm = nil
        retry = nil
    }

    /// Has the command performed on this thread, after those before it and together with what comes until then. Never
    /// waits.
    package nonisolated func post(_ command: Command) {
        let isFirst = commands.withLock { commands in
            commands.append(command)
            return commands.count == 1
        }
        guard isFirst else { return }
        reactor.post { self.assumeIsolated { $0.performPosted() } }
    }

    private func performPosted() {
        let posted = commands.withLock { commands in
            defer { commands = [] }
            return commands
        }
        for command in posted { apply(command) }
        finishRound()
    }

    private func apply(_ command: Command) {
        let now = SystemClock.now()
        switch command {
        case .forward(let command): forwarder.apply(command, at: now, into: &burst)
        case .installPath(let number, let parameters, let device):
            install(number, parameters, device: device, at: now)
        case .removePath(let number): remove(number, at: now)
        case .reportNameAnswers(let listener): nameAnswers.listener = listener
        case .setICMPSources(let ipv6, let ipv4): forwarder.setICMPSources(ipv6: ipv6, ipv4: ipv4)
        }
    }

    /// Calls the receiver on that reactor's thread with the newest of each path that has any.
    package nonisolated func tellRoundTripTimes(
        on other: Reactor,
        _ receiver: @escaping @Sendable ([PathNumber: Duration]) -> Void
    ) {
        reactor.post {
            let times = self.assumeIsolated { $0.roundTripTimes() }
            other.post { receiver(times) }
        }
    }

    private func roundTripTimes() -> [PathNumber: Duration] {
        var times: [PathNumber: Duration] = [:]
        for session in forwarder.snapshot().sessions {
            for path in session.paths { times[path.number] = path.latestRoundTripTime }
        }
        return times
    }

    package func snapshot() -> WorkerSnapshot {
        WorkerSnapshot(
            forwarder: forwarder.snapshot(),
            flows: forwarder.flows(limit: Self.flowsShown, at: SystemClock.now()),
            counters: counters
        )
    }

    /// What would become of such a packet if it had to be sent now; nil if it is no session's.
    package func explain(_ question: FlowQuestion) -> FlowExplanation? {
        forwarder.explain(question, at: SystemClock.now())
    }

    // MARK: From the TUN device

    private func readTUN() {
        let now = SystemClock.now()
        for _ in 0..<Self.batch {
            guard var slot = forwarder.arena.take() else {
                counters.arenaExhausted += 1
                break
            }
            do throws(SystemError) {
                guard let count = try tun.read(into: forwarder.arena.buffer(slot)) else {
                    forwarder.arena.release(slot)
                    break
                }
                slot.count = Int32(clamping: count)
                if nameAnswers.listener != nil {
                    forwarder.arena.withBytes(slot) { nameAnswers.noteQuestion(in: $0, at: now) }
                }
                forwarder.fromTUN(slot, at: now, into: &burst)
            } catch {
                // Somebody has deleted the device, which stays readable from then on.
                forwarder.arena.release(slot)
                counters.tunErrors += 1
                reactor.unwatch(tun.fd)
                ended(error)
                break
            }
        }
        finishRound()
    }

    // MARK: From the tunnels

    private func readTunnel(_ key: TunnelOutlet.Key) {
        guard let outlet = outlets[key] else { return }
        let received = outlet.receive()
        let now = SystemClock.now()
        for index in 0..<received {
            let packet = outlet.batch[index]
            guard !packet.isTruncated, let arrival = outlet.arrival(of: packet), let fresh = forwarder.arena.take()
            else {
                counters.unreceivable += 1
                continue
            }
            var slot = outlet.exchange(fresh, memory: forwarder.arena.buffer(fresh), at: index)
            slot.start += Int32(clamping: packet.start)
            slot.count = Int32(clamping: packet.count)
            forwarder.fromTunnel(slot, arrival, at: now, into: &burst)
        }
        finishRound()
    }

    private func deadlineReached() {
        forwarder.advance(to: SystemClock.now(), into: &burst)
        finishRound()
    }

    // MARK: Out

    /// Sends, delivers and reports what the round brought forth, and sets the alarm for the next.
    private func finishRound() {
        repeat {
            swap(&burst, &round)
            transmit()
            deliver()
            answer()
            if !round.events.isEmpty { report(round.events) }
            round.clear()
            // A refused packet may have taken a path out, which makes another round.
        } while !burst.isEmpty
        alarm?.set(at: forwarder.nextDeadline)
    }

    private func transmit() {
        for transmission in round.transmissions {
            guard let route = routes[transmission.path] else { continue }
            let memory = UnsafeRawBufferPointer(forwarder.arena.buffer(transmission.slot))
            let outlet = transmission.isIPv4 ? route.ipv4 : route.ipv6
            if outlet.sending.isFull || transmission.isWhole { flush(outlet) }
            _ = outlet.sending.append(
                memory,
                from: route.local,
                to: transmission.remote,
                port: transmission.port,
                trafficClass: transmission.trafficClass
            )
            if transmission.isWhole { flushWhole(outlet) }
        }
        for outlet in outlets.values where !outlet.sending.isEmpty { flush(outlet) }
        for transmission in round.transmissions { forwarder.arena.release(transmission.slot) }
    }

    private func flush(_ outlet: TunnelOutlet) {
        let outcome = outlet.sending.flush(on: outlet.socket)
        counters.congested += outcome.congested
        for failure in outcome.failures {
            counters.refused += failure.packets
            for (number, route) in routes
            where route.uses(outlet) && forwarder.remote(of: number) == failure.destination {
                forwarder.transmissionFailed(number, at: SystemClock.now(), into: &burst)
            }
        }
    }

    /// What is refused is too large for the link, or is told of by smaller packets as well.
    private func flushWhole(_ outlet: TunnelOutlet) {
        do throws(SystemError) {
            counters.congested += try outlet.socket.sendWhole(outlet.sending).congested
        } catch {
            outlet.sending.clear()
            logger.error("\(error)")
        }
    }

    private func deliver() {
        for slot in round.deliveries {
            if nameAnswers.listener != nil {
                let now = SystemClock.now()
                forwarder.arena.withBytes(slot) { nameAnswers.look(at: $0, at: now) }
            }
            do throws(SystemError) {
                let hasRoom = try tun.write(UnsafeRawBufferPointer(forwarder.arena.buffer(slot)))
                if !hasRoom { counters.congested += 1 }
            } catch {
                counters.tunErrors += 1
            }
            forwarder.arena.release(slot)
        }
    }

    private func answer() {
        for slot in round.answers {
            let destination = forwarder.arena.withBytes(slot) { InnerPacket($0)?.destination }
            let memory = UnsafeRawBufferPointer(forwarder.arena.buffer(slot))
            if let destination, hostErrors?.send(memory, to: destination) != true { counters.refused += 1 }
            forwarder.arena.release(slot)
        }
    }

    // MARK: Paths and their sockets

    private func install(_ number: PathNumber, _ parameters: PathParameters, device: String?, at now: Instant) {
        do throws(SystemError) {
            let ipv6 = try outlet(TunnelOutlet.Key(parameters, device: device, isIPv4: false))
            let ipv4 = try outlet(TunnelOutlet.Key(parameters, device: device, isIPv4: true))
            let replaced = routes.updateValue(Route(ipv6: ipv6, ipv4: ipv4, local: parameters.local), forKey: number)
            waiting[number] = nil
            var parameters = parameters
            parameters.outlet = ipv6.number
            forwarder.apply(.installPath(number, parameters), at: now, into: &burst)
            if replaced != nil { closeUnusedOutlets() }
        } catch {
            if waiting[number] == nil { logger.error("\(error); is tried again") }
            remove(number, at: now)
            waiting[number] = (parameters, device)
            retry?.set(at: now + Self.patience)
        }
    }

    private func remove(_ number: PathNumber, at now: Instant) {
        waiting[number] = nil
        routes[number] = nil
        forwarder.apply(.removePath(number), at: now, into: &burst)
        closeUnusedOutlets()
    }

    private func retryWaiting() {
        let now = SystemClock.now()
        for (number, path) in waiting { install(number, path.parameters, device: path.device, at: now) }
        finishRound()
    }

    /// The open one, or a new one.
    private func outlet(_ key: TunnelOutlet.Key) throws(SystemError) -> TunnelOutlet {
        if let open = outlets[key] { return open }
        let outlet = try TunnelOutlet(key, number: linkNumber(of: key.device))
        try reactor.watch(outlet.socket.fd) { [unowned self] in self.assumeIsolated { $0.readTunnel(key) } }
        for index in 0..<ReceiveBatch.capacity {
            guard let slot = forwarder.arena.take() else { break }
            outlet.provide(slot, memory: forwarder.arena.buffer(slot), at: index)
        }
        outlets[key] = outlet
        // Without memory for a single packet the socket would be readable for ever.
        guard !outlet.slots.isEmpty else { throw outlet.isWithoutMemory }
        return outlet
    }

    private func linkNumber(of device: String?) -> Int32 {
        guard let device else { return 0 }
        if let known = linkNumbers[device] { return known }
        let number = Int32(clamping: linkNumbers.count + 1)
        linkNumbers[device] = number
        return number
    }

    private func closeUnusedOutlets() {
        for (key, outlet) in outlets where !routes.values.contains(where: { $0.uses(outlet) }) {
            reactor.unwatch(outlet.socket.fd)
            for slot in outlet.slots { forwarder.arena.release(slot) }
            outlets[key] = nil
        }
    }
}
