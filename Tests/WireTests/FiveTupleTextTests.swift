// SPDX-License-Identifier: Apache-2.0
import Testing
import Wire

@Suite struct FiveTupleTextTests {
    @Test(arguments: [
        "tcp 10.0.0.1:5000 > 192.0.2.1:80", "udp [2001:db8::1]:53 > [2001:db8::2]:1024", "icmp 10.0.0.1 > 192.0.2.1",
        "icmp 2001:db8::1 > 2001:db8::2", "proto-50 2001:db8::1 > 2001:db8::2", "tcp 10.0.0.1:5000 > 192.0.2.1",
    ])
    func whatIsPrintedIsRead(_ text: String) throws {
        #expect(try #require(FiveTuple(text)).description == text)
    }

    @Test func arrowAndBracketsMayBeAbsent() throws {
        let tuple = try #require(FiveTuple("udp [2001:db8::1]:53 > [2001:db8::2]:1024"))
        #expect(FiveTuple("UDP  [2001:db8::1]:53 [2001:db8::2]:1024") == tuple)
        #expect(FiveTuple("icmp [2001:db8::1] -> 2001:db8::2") == FiveTuple("icmp 2001:db8::1 > 2001:db8::2"))
        #expect(FiveTuple("icmp 2001:db8::1 > 2001:db8::2")?.protocolNumber == IPProtocol.icmpv6)
    }

    @Test(arguments: [
        "", "tcp", "tcp 10.0.0.1:5000", "tcp 10.0.0.1:5000 > 192.0.2.1:65536", "tcp 10.0.0.1:x > 192.0.2.1:80",
        "tcp 10.0.0.1:5000 > [2001:db8::1]:80", "tcp [10.0.0.1]:5000 > 192.0.2.1:80", "proto- 10.0.0.1 > 192.0.2.1",
        "proto-256 10.0.0.1 > 192.0.2.1", "ipv4 10.0.0.1 > 192.0.2.1", "tcp 10.0.0.1:5000 > 192.0.2.1:80 more",
        "tcp :5000 > :80", "tcp []:1 []:2", "tcp [ [",
    ])
    func anythingElseIsNot(_ text: String) { #expect(FiveTuple(text) == nil) }
}
