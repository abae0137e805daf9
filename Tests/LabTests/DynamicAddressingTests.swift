// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Lab
import Testing

/// Needs root.
extension NetworkTests {
    @Test(arguments: [true, false])
    func `real clients get addresses, routes and other addresses`(givesDefaultRoute: Bool) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/labtest-dynamic-\(getpid())"
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try await TestRouter.with(["net/ipv6/conf/default/accept_ra=1"]) { network in
            var access = AccessNetwork(number: 1, site: 1, variant: LabVariant())
            access.gateway = network.gateway
            access.router = network.router
            try await network.router.ip("addr add \(access.ipv4)1/24 dev access")
            let addressing = DynamicAddressing(access: access, folder: folder, givesDefaultRoute: givesDefaultRoute)
            try await addressing.start()
            #expect(try await Patience.wait(.seconds(60)) { try await addressing.isNumbered() })
            for family in ["-4", "-6"] {
                let routes = try await network.gateway.ip("\(family) route show default")
                #expect(routes.contains("dev wan1") == givesDefaultRoute, "\(family)")
            }
            var generations = DynamicAddressing.Generations()
            generations.ipv6 = 1
            try await addressing.renumber(generations, leaseChanged: false)
            #expect(try await network.gateway.ip("-6 addr show dev wan1 deprecated").contains("2001:db8:a:0:"))
            generations.ipv4 = 1
            try await addressing.renumber(generations, leaseChanged: true)
            let addresses = try await network.gateway.ip("-4 addr show dev wan1")
            #expect(addresses.contains("198.51.100.101/24") && !addresses.contains("198.51.100.100/24"))
        }
        try FileManager.default.removeItem(atPath: folder)
    }
}
