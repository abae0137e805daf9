// SPDX-License-Identifier: Apache-2.0
import Daemon
import LinuxIO
import Testing
import Wire

/// Which link is which access network's.
@Suite struct LinkAssignmentTests {
    private func address(_ last: UInt8) throws -> LinkLayerAddress {
        try #require(LinkLayerAddress(octets: [2, 0, 0x5E, 0x10, 0, last]))
    }

    private func names(_ links: [LinkState?]) -> [String?] { links.map { $0?.name } }

    @Test func patternsTakeWhatNobodyNames() throws {
        var assignment = LinkAssignment(
            [.pattern("wwan*"), .name("wwan0"), .pattern("*")],
            excluding: ["lan0", "plait0"]
        )
        let links = [
            LinkState(index: 2, name: "lan0"), LinkState(index: 3, name: "plait0"), LinkState(index: 4, name: "wwan10"),
            LinkState(index: 5, name: "wwan0"), LinkState(index: 6, name: "wwan2"),
        ]
        #expect(names(assignment.update(links)) == ["wwan2", "wwan0", "wwan10"])
        // What was taken is kept, though another would be the first now.
        #expect(names(assignment.update(links + [LinkState(index: 7, name: "wwan1")])) == ["wwan2", "wwan0", "wwan10"])
        #expect(names(assignment.update(Array(links.dropLast()))) == [nil, "wwan0", "wwan10"])
        #expect(names(assignment.update([])) == [nil, nil, nil])
    }

    @Test func aLinkThatIsReplacedByANewOneOfItsNameIsTakenAnew() {
        var assignment = LinkAssignment([.pattern("usb*")])
        #expect(assignment.update([LinkState(index: 2, name: "usb0")])[0]?.index == InterfaceIndex(2))
        let links = [LinkState(index: 9, name: "usb0"), LinkState(index: 8, name: "usb1")]
        #expect(assignment.update(links)[0]?.index == InterfaceIndex(9))
    }

    @Test func thePermanentAddressCountsMoreThanTheOneInUse() throws {
        let wanted = try address(1)
        var assignment = LinkAssignment([.address(wanted), .address(try address(2))])
        let stacked = LinkState(index: 2, name: "eth0.7", linkLayerAddress: wanted)
        let randomized = LinkState(
            index: 3,
            name: "wlan0",
            linkLayerAddress: try address(9),
            permanentAddress: wanted
        )
        #expect(names(assignment.update([stacked, randomized])) == ["wlan0", nil])
        #expect(names(assignment.update([stacked])) == ["eth0.7", nil])
    }

    @Test(arguments: [
        ("wwan*", "wwan0", true), ("wwan*", "wwan", true), ("wwan*", "wlan0", false), ("?pp*", "ppp0", true),
        ("*0", "ppp10", true), ("*0", "ppp01", false), ("p?p", "pp", false), ("**", "x", true),
        ("eth0.*", "eth0.7", true),
    ])
    func patternsMatch(pattern: String, name: String, isMatch: Bool) {
        let candidates = LinkSelection.pattern(pattern).candidates(among: [LinkState(index: 2, name: name)])
        #expect(!candidates.isEmpty == isMatch)
    }
}
