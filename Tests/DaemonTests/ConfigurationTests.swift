// SPDX-License-Identifier: Apache-2.0
import Daemon
import Mobility
import Testing
import Wire

@Suite struct ConfigurationTests {
    /// A file of the repository's Examples folder.
    private func example(_ name: String) -> String {
        let repository = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return "/\(repository)/Examples/\(name)"
    }

    @Test func exampleOfAnAnchorIsReadCompletely() throws {
        guard case .anchor(let anchor) = try ConfigurationFile.load(example("anchor.yaml")) else {
            Issue.record("is no anchor")
            return
        }
        #expect(anchor.name == "lma1")
        #expect(anchor.addresses[.ipv6] == IPAddress("2001:db8:100::1"))
        #expect(anchor.addresses[.ipv4] == IPAddress("192.0.2.1"))
        #expect(anchor.tunnelDevice == "plait0")
        #expect(anchor.pathMTU == 1500)
        #expect(anchor.multipath)
        #expect(anchor.maximumLifetime == .seconds(3600))
        #expect(anchor.timestampWindow == .milliseconds(300))
        #expect(anchor.tunnels == Set(TunnelEncapsulation.allCases))
        #expect(anchor.natRefreshTime == .seconds(20))
        #expect(anchor.pools.homeNetworkPrefixes.block == IPPrefix("2001:db8:1234::/48"))
        #expect(anchor.pools.homeNetworkPrefixes.length == 64)
        #expect(anchor.pools.delegatedIPv6Prefixes?.block == IPPrefix("2001:db8:5600::/40"))
        #expect(anchor.pools.delegatedIPv6Prefixes?.length == 56)
        #expect(anchor.pools.delegatedIPv4Prefixes?.block == IPPrefix("10.20.0.0/16"))
        #expect(anchor.pools.delegatedIPv4Prefixes?.length == 24)
        #expect(anchor.pools.ipv4HomeAddresses?.block == IPPrefix("10.9.0.0/24"))
        #expect(anchor.pools.all.map(\.pool.upstream) == [.routed, .routed, .routed, .nat])
        #expect(anchor.upstream?.interface == "inet0")
        #expect(anchor.upstream?.translation == nil)
        let web = PortForward(TransportPorts(.tcp, 8080...8080), to: .v4(IPv4Address(10, 9, 0, 2)), port: 80)
        #expect(anchor.upstream?.portForwards == [web])
        #expect(anchor.distribution.mode == .perPacket)
        #expect(anchor.distribution.reorderTimeout == .milliseconds(100))
        let rates: [UInt8: BitRate] = [11: BitRate(bitsPerSecond: 50_000_000), 9: BitRate(bitsPerSecond: 20_000_000)]
        #expect(anchor.distribution.rates == rates)
        let gateway = try #require(anchor.gateways.first)
        #expect(anchor.gateways.count == 1)
        #expect(gateway.identifier == "mag1@example.net")
        #expect(gateway.mobileNodes == ["cpe1@example.net", "cpe2@example.net"])
        #expect(gateway.multipath)
        #expect(
            gateway.authentication
                == .sharedKey(securityParameterIndex: 256, key: SharedKey(octets: Array(0...15)), algorithm: .hmacSHA1)
        )
        #expect(anchor.managementSocket == "/run/plait/lma.sock")
    }

    @Test func exampleOfAGatewayIsReadCompletely() throws {
        guard case .gateway(let gateway) = try ConfigurationFile.load(example("gateway.yaml")) else {
            Issue.record("is no gateway")
            return
        }
        #expect(gateway.identifier == "mag1@example.net")
        #expect(gateway.anchors.map(\.addresses) == [["2001:db8:100::1", "192.0.2.1"].compactMap { IPAddress($0) }])
        #expect(
            gateway.anchors.first?.authentication
                == .sharedKey(securityParameterIndex: 256, key: SharedKey(octets: Array(0...15)), algorithm: .hmacSHA1)
        )
        #expect(gateway.mobileNode?.identifier == "cpe1@example.net")
        #expect(gateway.mobileNode?.delegatedPrefixes == [.ipv4, .ipv6])
        #expect(gateway.mobileNode?.ipv4HomeAddress == false)
        #expect(gateway.greKey)
        #expect(gateway.wans.map(\.encapsulation) == [nil, nil])
        #expect(gateway.tunnelDevice == "plait0")
        #expect(gateway.multipath)
        #expect(gateway.lifetime == .seconds(3600))
        #expect(gateway.wans.map(\.name) == ["wan1", "wan2"])
        #expect(gateway.wans.map(\.bindingIdentifier) == [1, 2])
        #expect(gateway.wans.map(\.label) == [11, 9])
        #expect(gateway.wans.map(\.accessTechnology) == [.eutran, .ethernet])
        #expect(gateway.wans.map(\.family) == [.ipv6, .ipv4])
        #expect(gateway.wans.map(\.uplinkRate?.bitsPerSecond) == [20_000_000, 10_000_000])
        #expect(gateway.wans.map(\.downlinkRate?.bitsPerSecond) == [100_000_000, nil])
        #expect(gateway.wans.map(\.cost) == [2, nil])
        #expect(gateway.wans.first?.metrics?.command == ["/usr/local/bin/modem-rate", "wan1"])
        #expect(gateway.wans.first?.metrics?.interval == .seconds(60))
        #expect(gateway.wans.first?.quota?.octets == 50_000_000_000)
        #expect(gateway.wans.first?.quota?.resetDay == 1 && gateway.wans.first?.quota?.used == 0)
        #expect(gateway.lans.first?.interface == "lan0")
        #expect(gateway.lans.first?.dnsServers.map { "\($0)" } == ["2001:db8:53::53", "192.0.2.53"])
        #expect(gateway.lans.first?.dhcp?.leaseTime == .seconds(3600))
        #expect(gateway.lans.first?.ipv4 == InterfaceAddress(IPv4Address(192, 168, 77, 1), length: 24))
        #expect(gateway.lans.first?.families == [.ipv4, .ipv6] && gateway.lans.first?.subnet == 0)
        #expect(gateway.lans.first?.delegate?.length == 60)
        #expect(gateway.lans.first?.delegate?.leaseTime == .seconds(3600))
        #expect(gateway.firewall.refusesInbound)
        let web = AllowedService(TransportPorts(.tcp, 443...443), at: .v4(IPv4Address(192, 168, 77, 10)))
        #expect(gateway.firewall.allowed == [web])
        #expect(gateway.distribution.mode == .perPacket)
        #expect(gateway.distribution.rates.isEmpty)
        #expect(gateway.managementSocket == "/run/plait/mag.sock")
        #expect(gateway.store == .file("/var/lib/plait/mag1@example.net.sqlite"))
    }

    @Test func leastFilesHaveTheDocumentedDefaults() throws {
        guard
            case .anchor(let anchor) = try ConfigurationFile.parse(ConfigurationTexts.leastAnchor, file: "a.yaml"),
            case .gateway(let gateway) = try ConfigurationFile.parse(ConfigurationTexts.leastGateway, file: "g.yaml")
        else {
            Issue.record("wrong kinds")
            return
        }
        #expect(anchor.tunnelDevice == "plait0")
        #expect(anchor.pathMTU == 1500)
        #expect(anchor.multipath)
        #expect(anchor.maximumLifetime == .seconds(3600))
        #expect(anchor.timestampWindow == .milliseconds(300))
        #expect(anchor.tunnels == Set(TunnelEncapsulation.allCases))
        #expect(anchor.natRefreshTime == .seconds(20))
        #expect(anchor.pools.delegatedIPv6Prefixes == nil)
        #expect(anchor.pools.delegatedIPv4Prefixes == nil)
        #expect(anchor.pools.ipv4HomeAddresses == nil)
        #expect(anchor.upstream == nil)
        #expect(anchor.distribution.mode == .automatic)
        #expect(anchor.distribution.reorderTimeout == .milliseconds(100))
        #expect(anchor.distribution.rates.isEmpty)
        #expect(anchor.gateways.first?.multipath == true)
        #expect(anchor.gateways.first?.authentication == AuthenticationConfiguration.none)
        #expect(anchor.managementSocket == "/run/plait/lma.sock")
        #expect(anchor.store == .file("/var/lib/plait/lma1.sqlite"))
        #expect(gateway.mobileNode?.delegatedPrefixes.isEmpty == true)
        #expect(gateway.mobileNode?.ipv4HomeAddress == false)
        #expect(gateway.greKey)
        #expect(gateway.multipath)
        #expect(gateway.lans.isEmpty)
        #expect(gateway.wans.first?.uplinkRate == nil)
        #expect(gateway.distribution.mode == .automatic)
        #expect(gateway.managementSocket == "/run/plait/mag.sock")
    }

    @Test func theStoreIsAFileOrNothing() throws {
        for (text, location) in [
            ("store: memory", StoreLocation.memory), ("store: /a/b.sqlite", .file("/a/b.sqlite")),
            ("name: a/../b", .file("/var/lib/plait/a-..-b.sqlite")),
        ] {
            let key = try #require(text.split(separator: ":").first)
            let file = ConfigurationTexts.leastAnchor
                .replacing(key == "name" ? "name: lma1" : "lma:\n", with: key == "name" ? text : "lma:\n  \(text)\n")
            guard case .anchor(let anchor) = try ConfigurationFile.parse(file, file: "a.yaml") else { continue }
            #expect(anchor.store == location)
        }
    }

    @Test func aLinkIsSelectedByNamePatternOrAddress() throws {
        let text = ConfigurationTexts.gateway.replacing("interface: wan1", with: "interface: \"wwan*\"")
            .replacing("interface: wan2", with: "mac: \"02:00:5E:10:00:0a\", name: stick")
        guard case .gateway(let gateway) = try ConfigurationFile.parse(text, file: "g.yaml") else { return }
        #expect(gateway.wans.map(\.name) == ["wwan*", "stick"])
        #expect(gateway.wans.first?.selection == .pattern("wwan*"))
        #expect(gateway.wans.last.map { "\($0.selection)" } == "02:00:5e:10:00:0a")
    }

    @Test(arguments: TunnelEncapsulation.allCases) func tunnelsReachTheEngines(encapsulation: TunnelEncapsulation)
        throws
    {
        let name = encapsulation.rawValue
        let gatewayText = ConfigurationTexts.gateway
            .replacing("family: ipv6\n", with: "family: ipv6\n      encapsulation: \(name)\n")
            .replacing("lifetime: 1h", with: "gre-key: false")
            .replacing("delegated-prefixes: [ipv6, ipv4]", with: "ipv4-home-address: true")
        let anchorText = ConfigurationTexts.anchor
            .replacing("multipath: true", with: "tunnels: [\(name)]\n  nat-refresh: 30s")
        guard case .gateway(let gateway) = try ConfigurationFile.parse(gatewayText, file: "g.yaml"),
            case .anchor(let anchor) = try ConfigurationFile.parse(anchorText, file: "a.yaml")
        else {
            Issue.record("wrong kinds")
            return
        }
        let asking = GatewaySettings(gateway, restartCounter: 1)
        #expect(asking.wans.map(\.encapsulation) == [encapsulation, nil])
        #expect(!asking.wantsGREKey && asking.requestsIPv4HomeAddress)
        let granting = AnchorSettings(anchor, restartCounter: 1)
        #expect(granting.permittedEncapsulations == [encapsulation])
        #expect(granting.natRefreshTime == .seconds(30))
    }

    @Test(arguments: ConfigurationTexts.faults)
    func faultIsNamedWithItsPlace(fault: ConfigurationFault) throws {
        let text = try #require(fault.text, "the good text has no \(fault.original)")
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationFile.parse(text, file: fault.file)
        }
        #expect(error?.description == fault.expected)
    }

    @Test(arguments: ConfigurationTexts.wholeFileFaults)
    func faultOfTheWholeFileIsNamed(text: String, expected: String) {
        let error = #expect(throws: ConfigurationError.self) { try ConfigurationFile.parse(text, file: "f.yaml") }
        #expect(error?.description.hasPrefix(expected) == true, "\(error?.description ?? "")")
    }

    @Test(arguments: [
        ("virtual", UInt8(1)), ("ppp", 2), ("ethernet", 3), ("wlan", 4), ("wimax", 5), ("geran", 6), ("utran", 7),
        ("e-utran", 8), ("ehrpd", 9), ("hrpd", 10), ("1xrtt", 11), ("umb", 12), ("nb-iot", 13),
    ])
    func accessTechnologiesHaveTheirRegisteredNumbers(name: String, number: UInt8) throws {
        let text = ConfigurationTexts.leastGateway.replacing("ethernet", with: name)
        guard case .gateway(let gateway) = try ConfigurationFile.parse(text, file: "g.yaml") else { return }
        #expect(gateway.wans.first?.accessTechnology.rawValue == number)
    }

    @Test func truncationsAndMutationsNeverTrap() {
        for text in [ConfigurationTexts.leastAnchor, ConfigurationTexts.gateway] {
            let octets = Array(text.utf8)
            for index in octets.indices {
                _ = try? ConfigurationFile.parse(String(decoding: octets[..<index], as: UTF8.self), file: "x")
                for octet in [UInt8(ascii: "-"), UInt8(ascii: "9"), UInt8(ascii: "&"), 0, 255] {
                    var mutated = octets
                    mutated[index] = octet
                    _ = try? ConfigurationFile.parse(String(decoding: mutated, as: UTF8.self), file: "x")
                }
            }
        }
    }

    @Test func printingAConfigurationDoesNotShowItsKey() throws {
        let configuration = try ConfigurationFile.parse(ConfigurationTexts.gateway, file: "g.yaml")
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect("\(configuration)".contains("key of 16 octets"))
        #expect(dumped.contains("key of 16 octets"))
        for text in ["\(configuration)", dumped] { #expect(!text.contains("171")) }
    }

    @Test func checkSaysWhatAFileIs() {
        let anchor = example("anchor.yaml")
        #expect(
            ConfigurationFile.check(anchor) == (
                true,
                "\(anchor): good: the anchor lma1 at 2001:db8:100::1 and 192.0.2.1 for 1 gateway and 2 mobile nodes, per-packet"
            )
        )
        let gateway = example("gateway.yaml")
        #expect(
            ConfigurationFile.check(gateway) == (
                true,
                "\(gateway): good: the gateway mag1@example.net to the anchor at 2001:db8:100::1 and 192.0.2.1"
                    + " over 2 access networks (wan1, wan2), per-packet"
            )
        )
        #expect(
            ConfigurationFile.check("/nonexistent.yaml")
                == (false, "/nonexistent.yaml: cannot be opened: No such file or directory")
        )
        #expect(ConfigurationFile.check("/tmp") == (false, "/tmp: cannot be read: Is a directory"))
        #expect(
            ConfigurationFile.check("/dev/zero").text == "/dev/zero: is longer than 1 MiB and hence no configuration"
        )
    }
}
