// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Logging
import Mobility
import Wire

/// What one of the gateway's LANs hears of it: router advertisements unless hosts there get no IPv6, and addresses by DHCP
/// where that is wanted. Belongs to the control plane's thread.
final class AccessLink {
    private let socket: AccessLinkSocket?
    private let reactor: Reactor
    private let logger: Logger
    private var advertiser: RouterAdvertiser?
    private var alarm: Alarm?
    private let assignment: AddressAssignment?

    init(
        _ advertiser: RouterAdvertiser?,
        _ assignment: AddressAssignment?,
        device: String,
        on reactor: Reactor,
        logger: Logger
    ) throws(SystemError) {
        self.advertiser = advertiser
        self.assignment = assignment
        self.reactor = reactor
        self.logger = logger
        socket = try advertiser.map { (_) throws(SystemError) in try AccessLinkSocket(device: device) }
    }

    func start() throws(SystemError) {
        if let socket {
            try reactor.watch(socket.fd) { [unowned self] in
                for message in socket.receive() {
                    self.turn(
                        .solicited(from: message.source, hopLimit: message.hopLimit ?? 0, octets: message.octets)
                    )
                }
            }
            alarm = reactor.makeAlarm { [unowned self] in self.turn(.deadline) }
        }
        try assignment?.start()
    }

    /// What hosts shall take addresses from, and how large their packets may be.
    func advertise(_ prefix: IPPrefix?, mtu: Int) { turn(.prefixChanged(prefix, mtu: mtu)) }

    /// Who has an address by DHCP.
    var hosts: [DHCPServer.Host] { assignment?.hosts ?? [] }

    /// What hosts are given IPv4 addresses from, by DHCP.
    func assign(_ network: DHCPServer.Network?, mtu: Int) { assignment?.serve(network, mtu: mtu) }

    func stop() {
        assignment?.stop()
        turn(.stop)
        alarm?.cancel()
        alarm = nil
        if let socket { reactor.unwatch(socket.fd) }
    }

    private func turn(_ event: RouterAdvertiser.Event) {
        for case .send(let octets, let destination) in advertiser?.handle(event, at: SystemClock.now()) ?? [] {
            do throws(SystemError) {
                try socket?.send(octets, to: destination)
            } catch {
                logger.debug("\(error)")
            }
        }
        alarm?.set(at: advertiser?.nextDeadline)
    }
}
