// SPDX-License-Identifier: Apache-2.0
import Wire

/// What a DHCP server tells the clients of one IPv4 network (RFC 2131 §4.3).
struct LeaseTerms: Equatable, Sendable {
    /// Of the clients' addresses.
    var prefix: IPPrefix
    /// The server, and the clients' default router (RFC 5844 §3.4.1).
    var server: IPv4Address
    /// What the tunnel carries, in octets.
    var mtu: Int
    var settings: DHCPServerSettings

    /// An offer or an acknowledgement; without an address for a client that has one from elsewhere.
    func answer(_ type: DHCPMessageType, to message: DHCPMessage, _ address: IPv4Address?) -> DHCPMessage {
        var reply = answer(type, to: message)
        reply.clientAddress = type == .acknowledge ? message.clientAddress : .zero
        if let address {
            reply.yourAddress = address
            let seconds = UInt32(clamping: settings.leaseTime.components.seconds)
            reply.options.set(.leaseTime, seconds)
            // RFC 2131 §4.4.5
            reply.options.set(.renewalTime, seconds / 2)
            reply.options.set(.rebindingTime, seconds - seconds / 8)
        }
        describe(in: &reply.options)
        if !settings.domainNameServers.isEmpty {
            reply.options.set(.domainNameServers, settings.domainNameServers)
        }
        return reply
    }

    /// What a node is told of its home link, whoever gives it the address (RFC 5844 §3.4.3).
    func describe(in options: inout DHCPOptions) {
        let mask = prefix.length == 0 ? 0 : UInt32.max << (32 - UInt32(min(32, prefix.length)))
        // RFC 2132 §3.3: before the routers.
        options.set(.subnetMask, mask)
        options.set(.routers, [server])
        options.set(.broadcastAddress, server.value | ~mask)
        // RFC 2132 §5.1: no less than 68.
        if mtu >= 68, let mtu = UInt16(exactly: mtu) { options[.interfaceMTU] = [UInt8(mtu >> 8), UInt8(mtu & 0xFF)] }
    }

    func refusal(of message: DHCPMessage) -> DHCPMessage { answer(.refuse, to: message) }

    private func answer(_ type: DHCPMessageType, to message: DHCPMessage) -> DHCPMessage {
        var answer = DHCPMessage(.reply, transaction: message.transaction, hardwareAddress: message.hardwareAddress)
        answer.wantsBroadcast = message.wantsBroadcast
        answer.type = type
        answer.options.set(.serverIdentifier, [server])
        return answer
    }
}
