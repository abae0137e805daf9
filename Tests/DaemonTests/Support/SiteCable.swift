// SPDX-License-Identifier: Apache-2.0
import Glibc
import Lab
import LinuxIO

/// A ``ScratchCable`` with a site behind its near end, as if over a tunnel: near's `plait0` is a cable to the site's
/// `eth0`, and near passes packets on. The site sends everything to near.
struct SiteCable: Sendable {
    let router: LabNamespace
    /// Beyond the router's link `near`, with the link `far`; sends nothing to the router that is not on that link.
    let outside: LabNamespace
    let site: LabNamespace

    /// The site has these addresses, each with its length.
    static func with(site addresses: [String], _ test: (SiteCable) async throws -> Void) async throws {
        try await ScratchCable.with { cable in
            let site = LabNamespace("\(cable.near.name)-site")
            do {
                try await site.create()
                try await cable.near.set(["net/ipv4/ip_forward=1", "net/ipv6/conf/all/forwarding=1"])
                try await VirtualCable(one: .init(cable.near, "plait0"), other: .init(site, "eth0")).lay()
                for address in addresses { try await site.ip("address add \(address) dev eth0") }
                // Link-local next hops: the router's end needs no address of the site's.
                try await cable.near.ip("-6 address add fe80::99/64 dev plait0 nodad")
                try await site.ip("-6 route add default via fe80::99 dev eth0")
                try await site.ip("-4 route add default via inet6 fe80::99 dev eth0")
                try await test(SiteCable(router: cable.near, outside: cable.far, site: site))
            } catch {
                _ = try? await Command.attempt(["ip", "netns", "delete", site.name])
                throw error
            }
            _ = try await Command.attempt(["ip", "netns", "delete", site.name])
        }
    }

    func index(of interface: String) throws -> InterfaceIndex {
        try router.enter { if_nametoindex(interface) }.nonZero
    }

    /// Whether a ping is answered.
    func reaches(_ from: LabNamespace, _ address: String, as source: String? = nil) async throws -> Bool {
        let own = source.map { ["-I", $0] } ?? []
        let outcome = try await Command.attempt(from.inside(["ping", "-c", "1", "-W", "1"] + own + [address]))
        return outcome.succeeded
    }

    /// What an HTTP server on a port sees as its client's address while somebody fetches the URL; nil if it is not
    /// reached.
    func visitor(from client: LabNamespace, of server: LabNamespace, port: Int, url: String) async throws -> String? {
        let program = """
            import http.server, socket
            class Server(http.server.HTTPServer):
                address_family = socket.AF_INET6
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    text = self.client_address[0].removeprefix('::ffff:').encode()
                    self.send_response(200)
                    self.end_headers()
                    self.wfile.write(text)
            Server(('::', \(port)), Handler).serve_forever()
            """
        let process = try ChildProcess(starting: server.inside(["python3", "-c", program]), output: "/dev/null")
        defer {
            process.signal(SIGKILL)
            while process.isRunning { usleep(1000) }
        }
        _ = try await Patience.wait(.seconds(10)) {
            let listening = try await server.run(["ss", "-Hltn", "sport", "=", ":\(port)"])
            return !listening.isEmpty
        }
        let outcome = try await Command.attempt(client.inside(["curl", "-sS", "-g", "--max-time", "2", url]))
        return outcome.succeeded ? outcome.output : nil
    }
}

extension UInt32 {
    fileprivate var nonZero: InterfaceIndex {
        get throws {
            guard self != 0 else { throw SystemError(call: "if_nametoindex", errno: ENODEV, subject: "test") }
            return InterfaceIndex(self)
        }
    }
}
