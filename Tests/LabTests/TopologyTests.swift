// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Lab
import LinuxIO
import Testing

/// The namespaces, cables and routes of the lab. Needs root. The emulator is not part of this: it is a process of
/// the executable, and `CalibrationTests` covers it.
extension NetworkTests {
    @Test func `wrong names are refused before anything happens`() async {
        let lab = Laboratory()
        await #expect(throws: SettingError.self) { try await lab.setCarrier("wan3", on: false) }
        #expect(throws: SettingError.self) { try lab.execute(["true"], in: "nowhere") }
    }

    @Test func `a cable passes no frame beyond its MTU and completes checksums`() async throws {
        let namespaces = ["one", "two"].map { LabNamespace("labtest-\(getpid())-\($0)") }
        do {
            for namespace in namespaces { try await namespace.create() }
            try await VirtualCable(one: .init(namespaces[0], "eth0"), other: .init(namespaces[1], "eth0")).lay()
            for namespace in namespaces {
                let netlink = try NetworkNamespace(named: namespace.name).run { try NetlinkSocket() }
                let link = try #require(try netlink.link(named: "eth0"))
                #expect(link.isRunning, "it carries as soon as it is laid")
                #expect(try netlink.addresses(on: link.index).contains { $0.isLinkLocal })
                let features = try await namespace.run(["ethtool", "-k", "eth0"])
                for feature in ["tx-checksumming", "tcp-segmentation-offload", "generic-segmentation-offload"] {
                    #expect(features.contains("\(feature): off"))
                }
                #expect(features.contains("generic-receive-offload: off"))
            }
        } catch {
            Issue.record(error)
        }
        for namespace in namespaces { try await Command.run(["ip", "netns", "delete", namespace.name]) }
        #expect(try await LabNamespace.existing().filter(namespaces.contains).isEmpty)
    }
}
