// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import LinuxIO

/// How a WAN is numbered by its access network: DHCPv4 and router advertisements from dnsmasq in the router, taken by
/// busybox's udhcpc and the kernel in the gateway, as in many a home router.
package struct DynamicAddressing: Sendable {
    /// How often each family has been renumbered.
    package struct Generations: Codable, Hashable, Sendable {
        package var ipv6 = 0
        package var ipv4 = 0

        package init() {}
    }

    private let access: AccessNetwork
    /// For the files of both programs.
    private let folder: String
    private let givesDefaultRoute: Bool

    package init(access: AccessNetwork, folder: String, givesDefaultRoute: Bool) {
        self.access = access
        self.folder = folder
        self.givesDefaultRoute = givesDefaultRoute
    }

    /// What the gateway's namespace needs before it has interfaces: it takes advertisements, and asks for them at once.
    static let gatewaySettings = [
        "net/ipv6/conf/default/accept_ra=1", "net/ipv6/conf/default/router_solicitation_delay=0",
        "net/ipv6/conf/default/router_solicitation_interval=1",
    ]

    /// Starts server and client.
    package func start() async throws {
        try await startServer(Generations())
        if !givesDefaultRoute {
            try await access.gateway.set(["net/ipv6/conf/\(access.name)/accept_ra_defrtr=0"])
        }
        try Self.clientScript.write(toFile: scriptFile, atomically: true, encoding: .utf8)
        _ = chmod(scriptFile, 0o755)
        let answer = givesDefaultRoute ? "yes" : "no"
        _ = try ChildProcess(
            starting: access.gateway.inside([
                "env", "DEFAULT_ROUTE=\(answer)", "busybox", "udhcpc", "-f", "-i", access.name, "-s", scriptFile,
                "-p", clientFile, "-t", "3", "-T", "1", "-A", "1",
            ]),
            output: log
        )
    }

    /// Whether the gateway has the addresses of both families that it is to have, and IPv4's default route, which its client
    /// makes last.
    package func isNumbered(_ generations: Generations = Generations()) async throws -> Bool {
        let addresses = try await access.gateway.ip("-o addr show dev \(access.name) scope global -deprecated")
        let prefix = access.ipv6Prefix(generation: generations.ipv6).dropLast(2)
        let interfaceIdentifierFollows = generations.ipv6 == 0 ? ":0:" : ":"
        let routes = try await access.gateway.ip("-4 route show table all default dev \(access.name)")
        return !routes.isEmpty && addresses.contains(" inet \(lease(generations))/")
            && addresses.contains(" inet6 \(prefix)\(interfaceIdentifierFollows)")
    }

    /// Gives another prefix, the one before deprecated, or another lease, for which the client asks at once; waits until
    /// the gateway has it.
    package func renumber(_ generations: Generations, leaseChanged: Bool) async throws {
        if let server = Self.process(serverFile) {
            server.signal(SIGTERM)
            _ = try await Patience.wait(.seconds(10)) { !server.isRunning }
        }
        try? FileManager.default.removeItem(atPath: leaseFile)
        try await startServer(generations)
        if leaseChanged { Self.process(clientFile)?.signal(SIGUSR1) }
        guard
            try await Patience.wait(
                .seconds(30),
                every: .milliseconds(100),
                until: { try await isNumbered(generations) }
            )
        else { throw LabFailure("\(access.name) was not renumbered within 30 s") }
    }

    private func startServer(_ generations: Generations) async throws {
        let prefix = access.ipv6Prefix(generation: generations.ipv6)
        try await access.router.ip("addr replace \(prefix)1/64 dev \(access.routerInterface) nodad")
        var words = [
            "dnsmasq", "--keep-in-foreground", "--port=0", "--no-hosts", "--no-resolv", "--no-ping", "--user=root",
            "--conf-file=/dev/null", "--log-facility=-", "--log-dhcp", "--dhcp-authoritative",
            "--interface=\(access.routerInterface)", "--bind-interfaces", "--pid-file=\(serverFile)",
            "--dhcp-leasefile=\(leaseFile)", "--enable-ra", "--ra-param=\(access.routerInterface),4,60",
            "--dhcp-range=\(prefix),ra-only,64,2m", "--dhcp-option=option:router,\(access.ipv4)1",
        ]
        if generations.ipv6 > 0 {
            words.append("--dhcp-range=\(access.ipv6Prefix(generation: generations.ipv6 - 1)),ra-only,64,deprecated")
        }
        let lease = lease(generations)
        words.append("--dhcp-range=\(lease),\(lease),255.255.255.0,2m")
        _ = try ChildProcess(starting: access.router.inside(words), output: log)
        guard try await Patience.wait(.seconds(20), until: { Self.process(serverFile)?.isRunning == true }) else {
            let said = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            throw LabFailure("dnsmasq did not start for \(access.name): \(said)")
        }
    }

    private func lease(_ generations: Generations) -> String { "\(access.ipv4)\(100 + generations.ipv4)" }

    private static func process(_ pidFile: String) -> ChildProcess? {
        guard let text = try? String(contentsOfFile: pidFile, encoding: .utf8) else { return nil }
        return Int32(text.prefix { $0.isNumber }).map(ChildProcess.init(identifier:))
    }

    private var stem: String { "\(folder)/\(access.name)-site\(access.site)" }
    private var serverFile: String { stem + ".dnsmasq.pid" }
    private var clientFile: String { stem + ".udhcpc.pid" }
    private var leaseFile: String { stem + ".leases" }
    private var scriptFile: String { stem + ".udhcpc.sh" }
    private var log: String { stem + ".log" }

    /// What udhcpc has done on its events. The machine's own /etc/resolv.conf is none of its business. `append` lets two
    /// default routes of one metric stand beside one another; a line that shall not be the machine's own way out has its
    /// default route in another table.
    private static let clientScript = """
        #!/bin/sh
        case $1 in
        deconfig)
            ip -4 addr flush dev "$interface"
            ;;
        bound | renew)
            if ! ip -4 -o addr show dev "$interface" | grep -q "inet $ip/"; then
                ip -4 addr flush dev "$interface"
                ip addr add "$ip/$mask" dev "$interface"
            fi
            if [ "$DEFAULT_ROUTE" = yes ]; then
                ip route append default via "$router" dev "$interface" 2>/dev/null || true
            else
                ip route replace default via "$router" dev "$interface" table 100
            fi
            ;;
        esac

        """
}
