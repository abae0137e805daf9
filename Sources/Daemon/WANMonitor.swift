// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Logging
package import Mobility
package import Wire

/// Follows the gateway's WAN links: which are up, and which address of theirs can be a care-of address.
///
/// Belongs to the control plane's thread. The kernel is asked anew upon every event that may matter: links and
/// addresses are few, and a list cannot be out of step.
package final class WANMonitor {
    private struct WAN {
        let interface: String
        let family: AddressFamily
        /// What was told last; nil before the first time.
        var state: WANState?
        /// A link that goes and comes back has another one: sockets that are bound to the old see nothing.
        var link: InterfaceIndex?
        var mtu: Int?
        /// Until the next attempt nobody is told that it is up.
        var isRefused = false
        /// What was logged last, so that it is not logged again.
        var complaint: String?

        var address: IPAddress? {
            if case .up(let address)? = state { address } else { nil }
        }
    }

    /// Takes up a WAN's state and MTU. What it throws makes the WAN count as down until it is tried again.
    package typealias Change = (_ interface: String, _ state: WANState, _ mtu: Int?) throws(SystemError) -> Void

    /// Until what failed is tried again.
    private static let patience: Duration = .seconds(1)

    private var wans: [WAN]
    private let netlink: NetlinkSocket
    private let monitor: NetworkMonitor
    private let reactor: Reactor
    private let logger: Logger
    private var retry: Alarm?
    private var changed: Change = { _, _, _ in }

    package init(
        _ wans: [(interface: String, family: AddressFamily)],
        on reactor: Reactor,
        logger: Logger
    ) throws(SystemError) {
        self.wans = wans.map { WAN(interface: $0.interface, family: $0.family) }
        self.reactor = reactor
        self.logger = logger
        netlink = try NetlinkSocket()
        monitor = try NetworkMonitor()
    }

    /// Tells the present state of every WAN, and from then on each change.
    package func start(changed: @escaping Change) throws(SystemError) {
        self.changed = changed
        try reactor.watch(monitor.fd) { [unowned self] in
            if self.monitor.receive().contains(where: \.mattersToWANs) { self.look() }
        }
        retry = reactor.makeAlarm { [unowned self] in
            for index in self.wans.indices { self.wans[index].isRefused = false }
            self.look()
        }
        look()
    }

    package func stop() {
        reactor.unwatch(monitor.fd)
        retry?.cancel()
        retry = nil
    }

    private func look() {
        do throws(SystemError) {
            let links = try netlink.links()
            let addresses = try netlink.addresses()
            // A WAN lets go of an address, or of a link that is gone, before anything new is told.
            var isSettled = false
            while !isSettled {
                isSettled = true
                for index in wans.indices where update(index, links, addresses) { isSettled = false }
            }
        } catch {
            logger.error("\(error)")
            tryAgainLater()
        }
    }

    private func tryAgainLater() { retry?.set(at: SystemClock.now() + Self.patience) }

    /// Whether something had to be told.
    private func update(_ index: Int, _ links: [LinkState], _ addresses: [AddressState]) -> Bool {
        let link = links.first { $0.name == wans[index].interface }
        let isReplaced = wans[index].address != nil && link?.index != wans[index].link
        let state = isReplaced || wans[index].isRefused ? .down : state(of: index, on: link, addresses)
        let hasNewMTU = state != .down && link?.mtu != wans[index].mtu
        guard state != wans[index].state || hasNewMTU else { return false }
        wans[index].state = state
        wans[index].link = link?.index
        wans[index].mtu = link?.mtu
        do throws(SystemError) {
            try changed(wans[index].interface, state, link?.mtu)
            if state != .down { complain(nil, of: index) }
        } catch {
            complain("\(error)", of: index)
            wans[index].state = .down
            wans[index].isRefused = true
            tryAgainLater()
        }
        return true
    }

    /// Up only with an address that packets may come from; the one already in use stays if it is still there.
    private func state(of index: Int, on link: LinkState?, _ addresses: [AddressState]) -> WANState {
        let wan = wans[index]
        guard let link else {
            complain("there is no link \(wan.interface)", of: index)
            return .down
        }
        guard link.isUp, link.isRunning else { return .down }
        let usable = addresses.filter {
            $0.interface == link.index && AddressFamily(of: $0.address) == wan.family && $0.scope == .global
                && !$0.isTentative && !$0.isDuplicate && !$0.isDeprecated && $0.address.isRoutableUnicast
        }
        if let address = wan.address, usable.contains(where: { $0.address == address }) {
            return .up(careOfAddress: address)
        }
        // Two paths between the same addresses could not be told apart.
        let free = usable.filter { candidate in !wans.contains { $0.address == candidate.address } }
        if free.isEmpty, let taken = usable.first {
            complain(
                "\(wan.interface) is not used: its address \(taken.address) is another access network's",
                of: index
            )
        }
        // A privacy address would move the path once a day for nothing.
        let best = free.first { !$0.isTemporary } ?? free.first
        return best.map { .up(careOfAddress: $0.address) } ?? .down
    }

    private func complain(_ complaint: String?, of index: Int) {
        guard complaint != wans[index].complaint else { return }
        wans[index].complaint = complaint
        if let complaint { logger.warning("\(complaint)") }
    }
}

extension NetworkEvent {
    fileprivate var mattersToWANs: Bool {
        switch self {
        case .link, .linkRemoved, .address, .addressRemoved, .overflow: true
        case .route, .routeRemoved: false
        }
    }
}
