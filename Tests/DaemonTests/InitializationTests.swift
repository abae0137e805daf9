// SPDX-License-Identifier: Apache-2.0
import Daemon
import Glibc
import Lab
import LinuxIO
import Testing
import Wire

/// `plait lma init` and `plait mag init`: what they write fits together.
@Suite struct InitializationTests {
    private func view(_ namespace: LabNamespace) throws -> MachineView {
        try namespace.enter { try MachineView() }
    }

    @Test func anAnchorAndItsGatewaysAreDescribedTogether() async throws {
        try await TwoLines.with([["192.0.2.1/24", "2001:db8:1::1/64"], ["10.3.0.1/16"]]) { lines in
            let provider = lines.providers[0]
            let wishes = AnchorProposal.Wishes(name: "lma\"7", gateways: ["one", "two@example.net"])
            let proposal = try AnchorProposal(wishes, on: try view(provider), seed: 0x0300_0102_0304_0506)
            guard case .anchor(let anchor) = try ConfigurationFile.parse(proposal.yaml, file: "a.yaml") else {
                Issue.record("is no anchor")
                return
            }
            #expect(anchor.name == "lma\"7")
            // What the loopback has is this machine's for good.
            #expect(anchor.addresses[.ipv6] == IPAddress("2001:db8:9::9"))
            #expect(anchor.addresses[.ipv4] == IPAddress("203.0.113.9"))
            #expect(anchor.pools.homeNetworkPrefixes.block == IPPrefix("fd02:304:506::/48"))
            #expect(anchor.gateways.map(\.identifier) == ["one@lma\"7", "two@example.net"])
            let keys = proposal.enrolments.map(\.key.octets)
            #expect(keys.allSatisfy { $0.count == 32 } && keys[0] != keys[1])
            for (gateway, enrolment) in zip(anchor.gateways, proposal.enrolments) {
                let copy = try Enrolment.parse(enrolment.yaml, file: "e.yaml")
                #expect(copy == enrolment)
                #expect(gateway.identifier == copy.identifier && gateway.mobileNodes == [copy.mobileNode])
                #expect(
                    gateway.authentication
                        == .sharedKey(
                            securityParameterIndex: copy.securityParameterIndex,
                            key: copy.key,
                            algorithm: .hmacSHA256
                        )
                )
            }
            // Private prefixes need translation where there is a way out, and a router without one finds none.
            #expect(anchor.upstream == nil && anchor.pools.homeNetworkPrefixes.upstream == .routed)
            try await provider.ip("route add default via 192.0.2.254")
            let behind = try AnchorProposal(wishes, on: try view(provider))
            guard case .anchor(let hidden) = try ConfigurationFile.parse(behind.yaml, file: "a.yaml") else {
                Issue.record("is no anchor")
                return
            }
            #expect(hidden.upstream?.interface == behind.upstreamInterface && hidden.upstream != nil)
            #expect(hidden.pools.all.allSatisfy { $0.pool.upstream == .nat })
            // The machine is in 10.3.0.0/16 already.
            let other = try AnchorProposal(
                AnchorProposal.Wishes(),
                on: try view(lines.providers[1]),
                seed: 0x0300_0000_0000_0000
            )
            #expect(other.delegatedIPv4Prefixes == IPPrefix("10.4.0.0/16"))
            #expect(throws: AnchorProposal.Problem.sameName("one")) {
                try AnchorProposal(AnchorProposal.Wishes(gateways: ["one", "one"]), on: try view(provider))
            }
            let folder = try ScratchFolder()
            let twins = AnchorProposal.Wishes(gateways: ["a/b@example.net", "a-b@example.net"])
            #expect(throws: AnchorProposal.Problem.sameName("a-b@example.net")) {
                try AnchorProposal(twins, on: try view(provider)).write(to: "\(folder.path)/a.yaml", overwriting: true)
            }
            let single = AnchorProposal.Wishes(gateways: ["a@b"])
            #expect(throws: AnchorProposal.Problem.sameName("a@b")) {
                try AnchorProposal(single, on: try view(provider))
                    .write(to: "\(folder.path)/a-b.enrolment.yaml", overwriting: true)
            }
            #expect(folder.names.isEmpty)
            #expect(throws: AnchorProposal.Problem.unusableAddress("fe80::1")) {
                try AnchorProposal(AnchorProposal.Wishes(ipv6: "fe80::1"), on: try view(provider))
            }
            #expect(throws: AnchorProposal.Problem.noAddress) {
                try AnchorProposal(AnchorProposal.Wishes(), on: try view(lines.router))
            }
        }
    }

    @Test func aGatewayFindsItsAccessNetworksAndItsSite() async throws {
        try await TwoLines.with([["2001:db8:1::1/64"], ["198.51.100.1/24"]]) { lines in
            let router = lines.router
            let enrolment = try AnchorProposal(AnchorProposal.Wishes(), on: try view(lines.providers[0])).enrolments[0]
            #expect(throws: GatewayProposal.Problem.noAccessNetwork) {
                try GatewayProposal(enrolment, on: try view(router))
            }
            try await router.ip("address add 2001:db8:1::2/64 dev line1 nodad")
            try await router.ip("-6 route add default via 2001:db8:1::1 dev line1")
            // A DHCP client's: for an hour, and without a default route.
            try await router.ip("address add 198.51.100.2/24 dev line2 valid_lft 3600 preferred_lft 3600")
            try await router.ip("link add eth7 type veth peer name port")
            try await router.ip("link add br0 type bridge")
            for link in ["eth7", "port", "br0"] { try await router.ip("link set \(link) up") }
            let proposal = try GatewayProposal(enrolment, on: try view(router))
            guard case .gateway(let gateway) = try ConfigurationFile.parse(proposal.yaml, file: "g.yaml") else {
                Issue.record("is no gateway")
                return
            }
            #expect(gateway.identifier == enrolment.identifier)
            #expect(gateway.mobileNode?.identifier == enrolment.mobileNode)
            #expect(gateway.anchors.map(\.addresses) == [enrolment.anchorAddresses.all])
            #expect(gateway.wans.map(\.name) == ["line1", "line2"])
            #expect(gateway.wans.map(\.family) == [.ipv6, .ipv4])
            #expect(gateway.wans.map(\.bindingIdentifier) == [1, 2])
            #expect(gateway.lans.first?.interface == "br0")
            let wishes = GatewayProposal.Wishes(wans: ["line2"], lan: "eth7")
            let chosen = try GatewayProposal(enrolment, wishes, on: try view(router))
            #expect(chosen.wans.map(\.link.name) == ["line2"] && chosen.lan?.name == "eth7")
            #expect(throws: GatewayProposal.Problem.noLink("eth8")) {
                try GatewayProposal(enrolment, GatewayProposal.Wishes(lan: "eth8"), on: try view(router))
            }
        }
    }

    @Test func filesAreTheirOwnersOnlyAndAreNotOverwrittenUnasked() async throws {
        try await TwoLines.with([[], []]) { lines in
            let folder = try ScratchFolder()
            let wishes = AnchorProposal.Wishes(name: "lma1", gateways: ["a/b"])
            let proposal = try AnchorProposal(wishes, on: try view(lines.providers[0]))
            let path = "\(folder.path)/anchor.yaml"
            let told = try proposal.write(to: path, overwriting: false)
            #expect(folder.names == ["a-b-lma1.enrolment.yaml", "anchor.yaml"])
            #expect(told.contains("plait lma run --config \(path)"))
            #expect(told.contains("plait mag init --enrolment a-b-lma1.enrolment.yaml"))
            #expect(ConfigurationFile.check(path).isGood)
            let old = folder.text(of: "anchor.yaml")
            #expect(throws: ConfigurationOutput.Failure(path: path, errorNumber: EEXIST)) {
                try proposal.write(to: path, overwriting: false)
            }
            chmod(path, 0o644)
            let other = try AnchorProposal(wishes, on: try view(lines.providers[0]))
            _ = try other.write(to: path, overwriting: true)
            #expect(folder.text(of: "anchor.yaml") != old)
            #expect(access(path, R_OK) == 0)
            let modes = try await Command.run(["stat", "-c", "%a", path, "\(folder.path)/a-b-lma1.enrolment.yaml"])
            #expect(modes == "600\n600\n")
            let loaded = try Enrolment.load("\(folder.path)/a-b-lma1.enrolment.yaml")
            #expect(loaded == other.enrolments[0])
        }
    }

    @Test func aFileThatIsNoEnrolmentIsNamed() {
        let error = #expect(throws: ConfigurationError.self) { try Enrolment.parse("lma: {}", file: "e.yaml") }
        #expect(error?.description == "e.yaml:1: lma: unknown key; allowed here: enrolment")
    }
}
