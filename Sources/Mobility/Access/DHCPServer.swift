// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Gives hosts on the access link IPv4 addresses (RFC 2131 §4.3; the gateway's part of RFC 5844 §3.4).
///
/// An address is chosen by the client's name, so that it is most often the same again even after a restart; and before
/// it is offered to somebody new, the link is asked whether it is in use (RFC 2131 §3.1). Leases need no memory then.
package struct DHCPServer: Sendable {
    package enum Event: Equatable, Sendable {
        /// Whose addresses are given out, and the server's own among them; nil if there are none to give. `mtu` is what the
        /// tunnel carries, in octets.
        case networkChanged(Network?, mtu: Int)
        /// The payload of a datagram to UDP port 67.
        case received([UInt8])
        /// Somebody on the link answers for the address.
        case addressInUse(IPv4Address, by: LinkLayerAddress)
        case deadline
    }

    package enum Action: Equatable, Sendable {
        /// To UDP port 68 of the address, which may be 255.255.255.255.
        case send([UInt8], to: IPv4Address)
        /// Asks the link whether somebody has it (RFC 5227 §2.1.1).
        case probe(IPv4Address)
    }

    package struct Network: Equatable, Sendable {
        package var prefix: IPPrefix
        package var server: IPv4Address

        package init(_ prefix: IPPrefix, server: IPv4Address) {
            self.prefix = prefix
            self.server = server
        }
    }

    package struct Counters: Equatable, Sendable {
        package var answered = 0
        /// Messages that are none, or not for us.
        package var ignored = 0
        /// Clients for whom no address was left.
        package var exhausted = 0
    }

    /// Who has an address, as far as it says.
    package struct Host: Hashable, Sendable {
        package var address: IPv4Address
        package var hardware: LinkLayerAddress
        /// In small letters, without a domain; nil: it has not said.
        package var name: String?

        package init(address: IPv4Address, hardware: LinkLayerAddress, name: String?) {
            self.address = address
            self.hardware = hardware
            self.name = name
        }
    }

    /// Who holds an address: by the identifier that the client chose, or else by its hardware address (RFC 2131 §2).
    private enum Client: Hashable, Sendable {
        case named([UInt8])
        case hardware([UInt8])
    }

    private struct Lease {
        enum State { case probed, offered, bound, declined }
        var client: Client
        var hardware: [UInt8]
        var state: State
        var until: Instant
        var name: String?
        /// The DISCOVER that waits for the end of the probe.
        var waiting: DHCPMessage?
    }

    private static let probeTime: Duration = .milliseconds(500)
    private static let offerTime: Duration = .seconds(60)
    private static let declinedTime: Duration = .seconds(600)
    /// Who sends under ever new names gets no more than this.
    private static let mostLeases = 4096
    private static let searchLength: UInt32 = 1024

    package let settings: DHCPServerSettings
    package private(set) var counters = Counters()
    private var network: Network?
    private var mtu = 0
    private var leases: [IPv4Address: Lease] = [:]
    private var addresses: [Client: IPv4Address] = [:]

    package init(settings: DHCPServerSettings) { self.settings = settings }

    /// When to hand in `.deadline`; nil while there is nothing to wait for.
    package var nextDeadline: Instant? { leases.values.map(\.until).min() }

    package mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        switch event {
        case .networkChanged(let network, let mtu):
            self.mtu = mtu
            if network != self.network {
                // Clients ask again before their leases end, and are refused then.
                self.network = network
                leases = [:]
                addresses = [:]
            }
            return []
        case .received(let octets): return received(octets, at: now)
        case .addressInUse(let address, let link): return inUse(address, by: link, at: now)
        case .deadline: return expire(at: now)
        }
    }

    // MARK: Messages

    private mutating func received(_ octets: [UInt8], at now: Instant) -> [Action] {
        guard let network, let message = try? DHCPMessage(decoding: octets), let type = message.type,
            message.operation == .request, message.hardwareType == DHCPMessage.ethernet,
            message.hardwareAddress.count == 6,
            // A relay's clients are on another link, for which we have no addresses.
            message.relayAddress.isUnspecified
        else {
            counters.ignored += 1
            return []
        }
        switch type {
        case .discover: return discover(message, network, at: now)
        case .request: return request(message, network, at: now)
        case .decline: decline(message, network, at: now)
        case .release: release(message)
        case .inform: return inform(message, network)
        case .offer, .acknowledge, .refuse: counters.ignored += 1
        }
        return []
    }

    private mutating func discover(_ message: DHCPMessage, _ network: Network, at now: Instant) -> [Action] {
        let client = Self.client(of: message)
        if let address = addresses[client], let lease = leases[address] {
            if lease.state == .probed { return [] }
            if lease.state == .offered { leases[address]?.until = now + Self.offerTime }
            return [reply(.offer, to: message, address, network)]
        }
        guard let address = choose(for: client, message.options.address(.requestedAddress), network) else {
            counters.exhausted += 1
            return []
        }
        addresses[client] = address
        leases[address] = Lease(
            client: client,
            hardware: message.hardwareAddress,
            state: .probed,
            until: now + Self.probeTime,
            name: Self.hostName(of: message),
            waiting: message
        )
        return [.probe(address)]
    }

    private mutating func request(_ message: DHCPMessage, _ network: Network, at now: Instant) -> [Action] {
        let client = Self.client(of: message)
        let held = addresses[client]
        let asked = message.options.address(.requestedAddress)
        if let server = message.options.address(.serverIdentifier) {
            guard server == network.server else {
                // It took another's offer.
                if let held, leases[held]?.state != .bound { free(held) }
                return []
            }
            guard let held, held == asked else { return [refuse(message, network)] }
            return [bind(held, to: client, message, network, at: now)]
        }
        if message.clientAddress.isUnspecified {
            guard let asked else {
                counters.ignored += 1
                return []
            }
            if asked == held { return [bind(asked, to: client, message, network, at: now)] }
            // RFC 2131 §4.3.2: of whom nothing is known nothing is said, unless he is on the wrong network.
            return isOurs(asked, network) && leases[asked] == nil && held == nil ? [] : [refuse(message, network)]
        }
        // It has the address and wants to keep it. We may have forgotten by a restart; it has not.
        let own = message.clientAddress
        let isFree = leases[own].map { $0.client == client && $0.state != .declined } ?? (held == nil)
        guard isOurs(own, network), isFree else { return [refuse(message, network)] }
        return [bind(own, to: client, message, network, at: now)]
    }

    private mutating func decline(_ message: DHCPMessage, _ network: Network, at now: Instant) {
        let client = Self.client(of: message)
        guard message.options.address(.serverIdentifier) == network.server, let held = addresses[client],
            held == message.options.address(.requestedAddress)
        else {
            counters.ignored += 1
            return
        }
        avoid(held, at: now)
    }

    private mutating func release(_ message: DHCPMessage) {
        guard let held = addresses[Self.client(of: message)], held == message.clientAddress else {
            counters.ignored += 1
            return
        }
        free(held)
    }

    /// RFC 2131 §4.3.5: it has an address from elsewhere, and wants the rest.
    private mutating func inform(_ message: DHCPMessage, _ network: Network) -> [Action] {
        guard network.prefix.contains(.v4(message.clientAddress)) else {
            counters.ignored += 1
            return []
        }
        return [reply(.acknowledge, to: message, nil, network)]
    }

    private static func client(of message: DHCPMessage) -> Client {
        // RFC 2132 §9.14: at least two octets.
        if let name = message.options[.clientIdentifier], name.count >= 2 { return .named(name) }
        return .hardware(message.hardwareAddress)
    }

    // MARK: Leases

    private mutating func bind(
        _ address: IPv4Address,
        to client: Client,
        _ message: DHCPMessage,
        _ network: Network,
        at now: Instant
    ) -> Action {
        // A client need not say its name each time.
        let known = leases[address].flatMap { $0.client == client ? $0.name : nil }
        addresses[client] = address
        leases[address] = Lease(
            client: client,
            hardware: message.hardwareAddress,
            state: .bound,
            until: now + settings.leaseTime,
            name: Self.hostName(of: message) ?? known
        )
        return reply(.acknowledge, to: message, address, network)
    }

    /// RFC 2132 §3.14: perhaps with a domain, which is none of the host's own. What is no name is none.
    private static func hostName(of message: DHCPMessage) -> String? {
        let octets = message.options[.hostName]?.prefix { $0 != 0 && $0 != 0x2E } ?? []
        guard (1...63).contains(octets.count), octets.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        return String(decoding: octets, as: UTF8.self).lowercased()
    }

    /// Those that hold a lease now.
    package var hosts: [Host] {
        leases.compactMap { address, lease in
            guard lease.state == .bound, let hardware = LinkLayerAddress(octets: lease.hardware) else { return nil }
            return Host(address: address, hardware: hardware, name: lease.name)
        }
    }

    private mutating func free(_ address: IPv4Address) {
        if let lease = leases.removeValue(forKey: address), addresses[lease.client] == address {
            addresses[lease.client] = nil
        }
    }

    /// What it asks for if it is free, else one that follows from its name.
    private func choose(for client: Client, _ asked: IPv4Address?, _ network: Network) -> IPv4Address? {
        guard leases.count < Self.mostLeases else { return nil }
        if let asked, isOurs(asked, network), leases[asked] == nil { return asked }
        guard case .v4(let first) = network.prefix.address else { return nil }
        // Neither the network's own address nor its broadcast address.
        let hosts = (UInt32.max >> UInt32(network.prefix.length)) &- 1
        guard network.prefix.length >= 1, network.prefix.length <= 30, hosts > 0 else { return nil }
        let start = UInt32(truncatingIfNeeded: Self.digest(client)) % hosts
        for step in 0..<min(hosts, Self.searchLength) {
            let address = IPv4Address(first.value &+ 1 &+ (start &+ step) % hosts)
            if isOurs(address, network), leases[address] == nil { return address }
        }
        return nil
    }

    /// The same in every life of the gateway, which Swift's own hashes are not.
    private static func digest(_ client: Client) -> UInt64 {
        switch client {
        case .named(let octets), .hardware(let octets): SipHash.tag(of: octets, key: SipKey(k0: 0, k1: 0))
        }
    }

    private func isOurs(_ address: IPv4Address, _ network: Network) -> Bool {
        guard case .v4(let first) = network.prefix.address, network.prefix.contains(.v4(address)) else { return false }
        let last = first.value | UInt32.max >> UInt32(network.prefix.length)
        return address != network.server && address != first && address.value != last
    }

    private mutating func inUse(_ address: IPv4Address, by link: LinkLayerAddress, at now: Instant) -> [Action] {
        // Its own new client may have it still, from an earlier life of ours.
        guard let network, let lease = leases[address], lease.state == .probed, lease.hardware != link.octets else {
            return []
        }
        avoid(address, at: now)
        return lease.waiting.map { discover($0, network, at: now) } ?? []
    }

    /// Somebody uses it without having asked us.
    private mutating func avoid(_ address: IPv4Address, at now: Instant) {
        guard let lease = leases[address] else { return }
        addresses[lease.client] = nil
        leases[address] = Lease(
            client: lease.client,
            hardware: lease.hardware,
            state: .declined,
            until: now + Self.declinedTime
        )
    }

    private mutating func expire(at now: Instant) -> [Action] {
        var actions: [Action] = []
        for (address, lease) in leases.filter({ $0.value.until <= now }).sorted(by: { $0.key < $1.key }) {
            if lease.state == .probed, let message = lease.waiting, let network {
                leases[address]?.state = .offered
                leases[address]?.waiting = nil
                leases[address]?.until = now + Self.offerTime
                actions.append(reply(.offer, to: message, address, network))
            } else {
                free(address)
            }
        }
        return actions
    }

    // MARK: Answers

    private mutating func reply(
        _ type: DHCPMessageType,
        to message: DHCPMessage,
        _ address: IPv4Address?,
        _ network: Network
    ) -> Action {
        let reply = terms(network).answer(type, to: message, address)
        return send(reply, to: message.clientAddress.isUnspecified ? nil : message.clientAddress)
    }

    private mutating func refuse(_ message: DHCPMessage, _ network: Network) -> Action {
        // RFC 2131 §4.3.2: to everybody, as the client's address is wrong.
        send(terms(network).refusal(of: message), to: nil)
    }

    private func terms(_ network: Network) -> LeaseTerms {
        LeaseTerms(prefix: network.prefix, server: network.server, mtu: mtu, settings: settings)
    }

    /// To a client without an address it is broadcast, which RFC 2131 §4.1 allows where ARP cannot find the client.
    private mutating func send(_ message: DHCPMessage, to address: IPv4Address?) -> Action {
        counters.answered += 1
        return .send(message.octets, to: address ?? IPv4Address(.max))
    }
}
