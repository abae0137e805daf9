// SPDX-License-Identifier: Apache-2.0
import Glibc
import LinuxIO
import Testing
import Wire

/// Packets that nobody may fragment (RFC 8899 §3).
@Suite struct WholePacketTests {
    typealias End = TunnelSocketTests.End

    private func send(_ count: Int, _ from: End, to destination: IPAddress, _ port: UInt16, whole: Bool) throws
        -> SendOutcome
    {
        let octets = UnsafeRawBufferPointer(rebasing: from.slot(0)[..<count])
        #expect(from.sending.append(octets, from: nil, to: destination, port: port))
        return whole ? try from.socket.sendWhole(from.sending) : from.sending.flush(on: from.socket)
    }

    private func received(_ count: Int, by end: End) -> Bool {
        poll {
            for index in 0..<end.socket.receive(into: end.receiving) where end.receiving[index].count == count {
                return true
            }
            return nil
        } ?? false
    }

    /// Datagrams that this machine has fragmented.
    private func fragmented(_ network: ScratchNetwork) throws -> Int {
        let text = try shell(
            "ip netns exec \(network.leftName) cat /proc/net/snmp6 /proc/net/snmp | awk "
                + "'/Ip6FragOKs/ { sum += $2 } /^Ip: [0-9]/ { sum += $18 } END { print sum + 0 }'"
        )
        return try #require(Int(text.split(separator: "\n").first ?? ""))
    }

    @Test(arguments: TunnelSocketTests.variants)
    func aProbeIsNotFragmentedWhateverTheKernelHasHeard(_ variant: TunnelSocketTests.Variant) throws {
        let network = try ScratchNetwork()
        try network.resolve()
        let (near, far) = (try #require(variant.left), try #require(variant.right))
        let left = End(try network.left.run { try TunnelSocket(variant.kind, over: variant.family, boundTo: near) })
        let right = End(try network.right.run { try TunnelSocket(variant.kind, over: variant.family, boundTo: far) })
        for slot in 0..<2 { left.slot(slot).copyBytes(from: [0x20, 0, 0x86, 0xDD, 0, 0, 0, 7]) }
        // What the link itself cannot carry is refused, and nothing of it leaves.
        let refused = try send(1600, left, to: far, variant.port, whole: true)
        #expect(refused.sent == 0 && refused.failures.map(\.errno) == [EMSGSIZE])
        #expect(try fragmented(network) == 0)
        // Other packets are fragmented as before.
        #expect(try send(1600, left, to: far, variant.port, whole: false).sent == 1)
        #expect(received(1600, by: right))
        #expect(try fragmented(network) == 1)
        // What the kernel believes of the way makes no difference.
        let host = variant.family == .ipv4 ? "\(far)/32" : "\(far)/128"
        try shell("ip -n \(network.leftName) route add \(host) dev wire mtu 1300")
        #expect(try send(1400, left, to: far, variant.port, whole: true).sent == 1)
        #expect(received(1400, by: right))
        #expect(try fragmented(network) == 1)
    }
}
