// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Logging
import Mobility
import Wire

/// Follows the gateway's WAN links: which are up, and which address of theirs can be a care-of address.
///
/// Belongs to the control plane's thread. The kernel is asked anew upon every event that may matter: links and
/// addresses are few, and a list cannot be out of step.
final class WANMonitor {
    private let wans: [(interface: String, family: AddressFamily)]
    private let netlink: NetlinkSocket
    private let monitor: NetworkMonitor
    private let reactor: Reactor
    private let logger: Logger
    private var states: [String: WANState] = [:]
    private var mtus: [String: Int] = [:]
    private var changed: (String, WANState) -> Void = { _, _ in }

    init(
        _ wans: [(interface: String, family: AddressFamily)],
        on reactor: Reactor,
        logger: Logger
    ) throws(SystemError) {
        self.wans = wans
        self.reactor = reactor
        self.logger = logger
        netlink = try NetlinkSocket()
        monitor = try NetworkMonitor()
    }

    /// Tells the present state of every WAN, and from then on each change.
    func start(changed: @escaping (String, WANState) -> Void) throws(SystemError) {
        self.changed = changed
        try reactor.watch(monitor.fd) { [unowned self] in
            if !self.monitor.receive().isEmpty { self.look() }
        }
        look()
    }

    func stop() { reactor.unwatch(monitor.fd) }

    /// The link's, in octets.
    func mtu(of interface: String) -> Int? { mtus[interface] }

    private func look() {
        do throws(SystemError) {
            let links = try netlink.links()
            let addresses = try netlink.addresses()
            mtus = Dictionary(links.map { ($0.name, $0.mtu) }, uniquingKeysWith: { first, _ in first })
            for (interface, family) in wans {
                let link = links.first { $0.name == interface }
                let state = Self.state(of: link, family, addresses: addresses, before: states[interface])
                guard state != states[interface] else { continue }
                states[interface] = state
                changed(interface, state)
            }
        } catch {
            logger.error("\(error)")
        }
    }

    /// Up only with an address that packets may come from; the one already in use stays if it is still there.
    private static func state(
        of link: LinkState?,
        _ family: AddressFamily,
        addresses: [AddressState],
        before: WANState?
    ) -> WANState {
        guard let link, link.isUp, link.isRunning else { return .down }
        let usable = addresses.filter {
            $0.interface == link.index && AddressFamily(of: $0.address) == family && $0.scope == .global
                && !$0.isTentative && !$0.isDuplicate && !$0.isDeprecated && $0.address.isRoutableUnicast
        }
        if case .up(let address)? = before, usable.contains(where: { $0.address == address }) {
            return .up(careOfAddress: address)
        }
        // A privacy address would move the path once a day for nothing.
        let best = usable.first { !$0.isTemporary } ?? usable.first
        return best.map { .up(careOfAddress: $0.address) } ?? .down
    }
}
