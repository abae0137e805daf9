// SPDX-License-Identifier: Apache-2.0
import API
import Console
import Testing

@Suite struct TableTests {
    @Test func columnsAreAlignedAndNothingTrails() {
        var table = Table([.text("NAME"), .number("COUNT"), .text("REST")])
        table.add(["a", "5", "x"])
        table.add(["longer", "12345678", ""])
        #expect(
            table.text == """
                NAME       COUNT  REST
                a              5  x
                longer  12345678  -

                """
        )
    }

    @Test func missingCellsAreBlankAndSurplusOnesLeftOut() {
        var table = Table([.text("A"), .text("B")])
        table.add(["1"])
        table.add(["1", "2", "3"])
        #expect(table.text == "A  B\n1  -\n1  2\n")
    }

    @Test func controlCharactersOfPeersDoNotReachTheTerminal() {
        var table = Table([.text("NAME")])
        table.add(["x\u{1B}[2Jy\nz\u{202E}"])
        #expect(table.text == "NAME\nx\u{FFFD}[2Jy\u{FFFD}z\u{FFFD}\n")
    }

    @Test func bindingsTable() {
        #expect(
            [SampleState.binding].table.text == """
                MOBILE NODE       GATEWAY           STATE   HNP                 DELEGATED                         MULTIPATH  BID   LIFETIME  REMAINING
                cpe1@example.net  mag1@example.net  active  2001:db8:1234::/64  2001:db8:5600::/56, 10.20.0.0/24  yes        1, 2       1 h     59 min

                """
        )
    }

    @Test func bindingsTableOfAGatewayNamesItsAnchor() {
        var binding = SampleState.binding
        (binding.anchor, binding.brokenOut) = ("lma1.example.net", false)
        binding.anchorAddresses = ["2001:db8:100::1", "192.0.2.1"]
        #expect(
            [binding].table.text == """
                MOBILE NODE       GATEWAY           ANCHOR                                         BREAK-OUT  STATE   HNP                 DELEGATED                         MULTIPATH  BID   LIFETIME  REMAINING
                cpe1@example.net  mag1@example.net  lma1.example.net (2001:db8:100::1, 192.0.2.1)  no         active  2001:db8:1234::/64  2001:db8:5600::/56, 10.20.0.0/24  yes        1, 2       1 h     59 min

                """
        )
        // One without a name is called by its addresses; one whose name nobody could resolve has none.
        for (name, addresses) in [("2001:db8:100::1 and 192.0.2.1", binding.anchorAddresses), ("lma1", [])] {
            (binding.anchor, binding.anchorAddresses, binding.brokenOut) = (name, addresses, true)
            let words = [binding].table.text.split(separator: "\n")[1].split(separator: "  ").map {
                $0.drop { $0 == " " }
            }
            #expect(words[2] == name && words[3] == "yes")
        }
    }

    @Test func pathsTableOfAnAnchorHasNoLinkColumn() {
        let lines = [SampleState.path].table.text.split(separator: "\n")
        #expect(
            lines[0].split(separator: " ").joined(separator: " ")
                == "MOBILE NODE BID LABEL ACCESS LOCAL REMOTE ENCAPSULATION REGISTRATION CONDITION RTT RATE SENT RECEIVED REMAINING"
        )
        #expect(
            lines[1].split(separator: " ").joined(separator: " ")
                == "cpe1@example.net 1 11 e-utran 2001:db8:100::1 2001:db8:a::2 gre-ipv6 registered up 41.3 ms 50 Mbit/s 95.4 MiB 1.7 MiB 59 min"
        )
    }

    @Test(arguments: [("192.0.2.7", "192.0.2.7:40000"), ("2001:db8::7", "[2001:db8::7]:40000")])
    func pathsTableShowsTheRemotePortOfUDP(address: String, end: String) {
        var path = SampleState.path
        path.remoteAddress = address
        path.remotePort = 40_000
        #expect([path].table.text.split(separator: " ").contains { $0 == end })
    }

    @Test func pathsTableShowsWhatIsKnownOfAnyLine() {
        var metered = SampleState.path
        metered.downlinkBitsPerSecond = 100_000_000
        metered.costClass = 2
        metered.quotaLeftOctets = 0
        metered.queueMilliseconds = 1.5
        metered.lossPercent = 0.5
        let lines = [SampleState.path, metered].table.text.split(separator: "\n")
        #expect(lines[0].contains(/RATE +WAITS +LOST +DOWN +COST +QUOTA LEFT +SENT/))
        #expect(lines[1].contains(/50 Mbit\/s +- +- +- +- +- +95.4 MiB/))
        #expect(lines[2].contains(/50 Mbit\/s +1\.5 ms +0\.5 % +100 Mbit\/s +2 +0 B +95.4 MiB/))
    }

    @Test func pathsTableOfAGatewayNamesTheLinkAndDashesWhatIsUnknown() {
        var path = SampleState.path
        path.link = "wan1"
        path.bindingIdentifier = nil
        path.roundTripMilliseconds = nil
        path.rateBitsPerSecond = nil
        path.remainingSeconds = nil
        let lines = [path].table.text.split(separator: "\n")
        #expect(lines[0].contains("LABEL  LINK  ACCESS"))
        #expect(
            lines[1].split(separator: " ").joined(separator: " ")
                == "cpe1@example.net - 11 wan1 e-utran 2001:db8:100::1 2001:db8:a::2 gre-ipv6 registered up - - 95.4 MiB 1.7 MiB -"
        )
    }

    @Test func policyTable() {
        let lines = [SampleState.rule].table.text.split(separator: "\n")
        #expect(
            lines.last?.split(separator: " ").joined(separator: " ")
                == "web site remote-port 80 443 or dscp 46 pin 9, 11, strict, at most 5 Mbit/s agreed 2 KiB 100 B 2 configuration"
        )
        var drop = SampleState.rule
        (drop.treatment, drop.labels, drop.strict, drop.maximumBitsPerSecond) = ("drop", nil, false, nil)
        #expect([drop].table.text.contains("  drop       agreed"))
    }

    @Test func flowsCountersAndSettingsTables() {
        #expect(
            [SampleState.flow].table.text == """
                MOBILE NODE       FLOW                             BID  PACKETS  OCTETS   IDLE  RULE  WHY
                cpe1@example.net  tcp 10.0.0.1:5000 > 10.1.0.1:80    2       12   999 B  0.3 s  web   the rule's first choice

                """
        )
        #expect(
            [SampleState.counter].table.text == """
                COUNTER             VALUE  MEANING
                datagrams_received     17  Signalling datagrams.

                """
        )
        var gone = SampleState.setting
        gone.isNow = nil
        var changed = SampleState.setting
        changed.isNow = "0"
        #expect(
            [SampleState.setting, changed, gone].table.text == """
                SETTING                       WAS  IS NOW     WHY
                net/ipv6/conf/wan1/accept_ra  1    2          a forwarding machine takes router advertisements only so
                net/ipv6/conf/wan1/accept_ra  1    0 (not 2)  a forwarding machine takes router advertisements only so
                net/ipv6/conf/wan1/accept_ra  1    gone       a forwarding machine takes router advertisements only so

                """
        )
        #expect([API.Flow]().table.text == "MOBILE NODE  FLOW  BID  PACKETS  OCTETS  IDLE  RULE  WHY\n")
    }

    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (1536, "1.5 KiB"), (1_048_575, "1 MiB"),
        (100_000_000, "95.4 MiB"),
        (Int.max, "8192 PiB"),
    ])
    func octetsAreReadable(count: Int, expected: String) {
        #expect(Quantity.octets(count) == expected)
    }

    @Test(arguments: [
        (500_000, "500 kbit/s"), (20_000_000, "20 Mbit/s"), (1_500_000_000, "1.5 Gbit/s"), (0, "0 bit/s"),
    ])
    func ratesAreReadable(rate: Int, expected: String) {
        #expect(Quantity.rate(rate) == expected)
    }

    @Test(arguments: [
        (-5, "0 s"), (0, "0 s"), (59, "59 s"), (60, "1 min"), (200, "3 min 20 s"), (3600, "1 h"), (3659, "1 h"),
        (187_200, "2 d 4 h"),
    ])
    func durationsAreReadable(seconds: Int, expected: String) {
        #expect(Quantity.duration(seconds) == expected)
    }

    @Test func numbersThatAreNoneAreShownAndNotTrappedOn() {
        #expect(Quantity.idle(.nan) == "0 s")
        #expect(Quantity.idle(.infinity).hasSuffix(" h"))
        #expect(Quantity.milliseconds(.infinity).hasSuffix(" ms"))
    }
}
