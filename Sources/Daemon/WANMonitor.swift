// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Logging
package import Mobility
package import Wire

/// Follows the gateway's access networks: which link each has, whether it is up, and which of its addresses is the care-of
/// address.
///
/// Belongs to the control plane's thread. The kernel is asked anew upon every event that may matter: links and
/// addresses are few, and a list cannot be out of step.
package final class WANMonitor {
    private struct WAN {
        var network: AccessNetwork
        /// What was told last; nil before the first time.
        var state: WANState?
        /// A link that goes and comes back has another number: sockets that are bound to the old see nothing.
        var link: LinkState?
        /// Until the next attempt nobody is told that it is up.
        var isRefused = false
        /// What was logged last, so that it is not logged again.
        var complaint: String?

        var address: IPAddress? {
            if case .up(let address)? = state { address } else { nil }
        }
    }

    /// Takes up a WAN's state. What it throws makes the WAN count as down until it is tried again.
    package typealias Change = (_ name: String, _ state: WANState, _ link: LinkState?) throws(SystemError) -> Void

    /// Until what failed is tried again.
    private static let patience: Duration = .seconds(1)

    private var wans: [WAN]
    private var assignment: LinkAssignment
    private let preparation: WANPreparation?
    private let netlink: NetlinkSocket
    private let monitor: NetworkMonitor
    private let reactor: Reactor
    private let logger: Logger
    private var retry: Alarm?
    private var changed: Change = { _, _, _ in }

    /// `excluded` are links with another purpose. What `preparation` does precedes every word that a WAN is up.
    package init(
        _ networks: [AccessNetwork],
        excluding excluded: Set<String> = [],
        preparation: WANPreparation? = nil,
        on reactor: Reactor,
        logger: Logger
    ) throws(SystemError) {
        wans = networks.map { WAN(network: $0) }
        assignment = LinkAssignment(networks.map(\.selection), excluding: excluded)
        self.preparation = preparation
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

    /// An anchor's name stands for these addresses.
    package func learn(_ addresses: [IPAddress]) {
        for index in wans.indices {
            let known = wans[index].network.anchors
            wans[index].network.anchors += addresses.filter {
                AddressFamily(of: $0) == wans[index].network.family && !known.contains($0)
            }
        }
        look()
    }

    /// Because something else is wanted of the access networks now.
    package func lookAgain() { look() }

    package func stop() {
        reactor.unwatch(monitor.fd)
        retry?.cancel()
        retry = nil
    }

    private func look() {
        do throws(SystemError) {
            let all = try netlink.links()
            let addresses = try netlink.addresses()
            let links = assignment.update(all)
            for index in wans.indices where links[index] == nil { complainOfLink(index, all) }
            let states = wans.indices.map { state(of: wans[$0], on: links[$0], addresses) }
            prepare(links, states)
            // A WAN lets go of an address, or of a link that is gone, before anything new is told.
            var isSettled = false
            while !isSettled {
                isSettled = true
                for index in wans.indices where update(index, links[index], states[index]) { isSettled = false }
            }
        } catch {
            logger.error("\(error)")
            tryAgainLater()
        }
    }

    private func prepare(_ links: [LinkState?], _ states: [WANState]) {
        guard let preparation else { return }
        let attachments = wans.indices.map { index in
            WANPreparation.WAN(network: wans[index].network, link: links[index], state: states[index])
        }
        preparation.settle(attachments)
    }

    private func tryAgainLater() { retry?.set(at: SystemClock.now() + Self.patience) }

    /// Whether something had to be told.
    private func update(_ index: Int, _ link: LinkState?, _ present: WANState) -> Bool {
        let wan = wans[index]
        // Whoever works with the name of the link must hear that it has another one.
        let isReplaced = wan.address != nil && (link?.index != wan.link?.index || link?.name != wan.link?.name)
        let state = isReplaced || wan.isRefused ? .down : present
        let hasNewMTU = state != .down && link?.mtu != wan.link?.mtu
        guard state != wan.state || hasNewMTU else { return false }
        wans[index].state = state
        wans[index].link = link
        do throws(SystemError) {
            try changed(wan.network.name, state, link)
            if state != .down { complain(nil, of: index) }
        } catch {
            complain("\(error)", of: index)
            wans[index].state = .down
            wans[index].isRefused = true
            tryAgainLater()
        }
        return true
    }

    /// Up only with an address that packets may come from.
    private func state(of wan: WAN, on link: LinkState?, _ addresses: [AddressState]) -> WANState {
        guard let link, link.isUp, link.isRunning else { return .down }
        let address = CareOfAddress.choose(
            from: addresses.filter { $0.interface == link.index },
            of: wan.network.family,
            towards: wan.network.anchors.first,
            present: wan.address
        )
        return address.map { .up(careOfAddress: $0) } ?? .down
    }

    private func complainOfLink(_ index: Int, _ links: [LinkState]) {
        let network = wans[index].network
        if let taken = network.selection.candidates(among: links).first {
            complain("\(network.name) is not used: its link \(taken.name) has another purpose already", of: index)
        } else {
            complain("there is no link \(network.selection.words)", of: index)
        }
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
        case .link, .linkRemoved, .address, .addressRemoved, .setting, .overflow: true
        // Ours, and those that a routing daemon makes by the thousand, say nothing of where a router is.
        case .route(let route), .routeRemoved(let route): route.prefix.length == 0 && route.owner != .plait
        }
    }
}
