// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Logging
import Mobility
import Wire

/// Which addresses the site's hosts have that rules call by name or link-layer address: what DHCP gave, and whom the
/// kernel has as neighbours on the LANs. Belongs to the control plane's thread.
final class TerminalWatch {
    /// Changes that come together are looked at together.
    private static let patience: Duration = .milliseconds(200)
    /// In case that one was missed, or a host changed its name alone.
    private static let interval: Duration = .seconds(30)

    private let links: [String]
    private let reactor: Reactor
    private let logger: Logger
    private var wanted: Set<PolicyTerminal> = []
    private var monitor: NeighborMonitor?
    private var alarm: Alarm?
    /// Whether the alarm is set for a change.
    private var isDue = false
    /// Who has an address by DHCP.
    var hosts: () -> [DHCPServer.Host] = { [] }
    /// Called with the addresses of all that are wanted, whether they have changed or not.
    var found: ([PolicyTerminal: Set<IPAddress>]) -> Void = { _ in }

    init(_ links: [String], on reactor: Reactor, logger: Logger) {
        self.links = links
        self.reactor = reactor
        self.logger = logger
    }

    /// Looks at once, and at each change, if any are wanted.
    func follow(_ terminals: Set<PolicyTerminal>) {
        wanted = terminals
        guard !terminals.isEmpty else {
            stop()
            return
        }
        do throws(SystemError) {
            if monitor == nil {
                let monitor = try NeighborMonitor()
                try reactor.watch(monitor.fd) { [unowned self] in self.changed() }
                self.monitor = monitor
            }
        } catch {
            logger.error("\(error)")
        }
        alarm = alarm ?? reactor.makeAlarm { [unowned self] in self.look() }
        look()
    }

    func stop() {
        if let monitor { reactor.unwatch(monitor.fd) }
        monitor = nil
        alarm?.cancel()
        alarm = nil
    }

    private func changed() {
        monitor?.drain()
        guard !isDue else { return }
        isDue = true
        alarm?.set(at: SystemClock.now() + Self.patience)
    }

    private func look() {
        isDue = false
        var neighbors: [NeighborState] = []
        do throws(SystemError) {
            let netlink = try NetlinkSocket()
            for name in links {
                if let link = try netlink.link(named: name) { neighbors += try netlink.neighbors(on: link.index) }
            }
        } catch {
            logger.error("\(error)")
        }
        alarm?.set(at: SystemClock.now() + Self.interval)
        found(TerminalAddresses(neighbors, hosts()).addresses(of: wanted))
    }
}
