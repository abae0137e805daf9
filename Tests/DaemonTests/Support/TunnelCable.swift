// SPDX-License-Identifier: Apache-2.0
import Glibc
import Lab
import LinuxIO
import Testing

/// A ``ScratchCable`` whose near end is a router with a tunnel, of which a cable takes the place: the router's `plait0` is
/// joined with the other's `eth0`. What is behind the tunnel sends everything to the router.
struct TunnelCable: Sendable {
    let router: LabNamespace
    /// At the other end of the router's link `near`, with the link `far`: it knows no other way than to that link.
    let onLink: LabNamespace
    let behindTunnel: LabNamespace

    /// Behind the tunnel are these addresses, each with its length.
    static func with(_ addresses: [String], _ test: (TunnelCable) async throws -> Void) async throws {
        try await ScratchCable.with { cable in
            let other = LabNamespace("\(cable.near.name)-tunnel")
            do {
                try await other.create()
                try await cable.near.set(["net/ipv4/ip_forward=1", "net/ipv6/conf/all/forwarding=1"])
                try await VirtualCable(one: .init(cable.near, "plait0"), other: .init(other, "eth0")).lay()
                // No neighbours are asked for in a tunnel; one address at both ends makes that so here.
                for (end, link) in [(cable.near, "plait0"), (other, "eth0")] {
                    try await end.ip("link set \(link) address 02:00:00:00:00:01 arp off")
                }
                for address in addresses {
                    try await other.ip("address add \(address) dev eth0\(address.contains(":") ? " nodad" : "")")
                }
                // Link-local next hops: the router's end needs no address of its own.
                try await cable.near.ip("-6 address add fe80::99/64 dev plait0 nodad")
                try await other.ip("-6 route add default via fe80::99 dev eth0")
                try await other.ip("-4 route add default via inet6 fe80::99 dev eth0")
                for end in [cable.near, other] { try await end.settle() }
                try await test(TunnelCable(router: cable.near, onLink: cable.far, behindTunnel: other))
            } catch {
                _ = try? await Command.attempt(["ip", "netns", "delete", other.name])
                throw error
            }
            _ = try await Command.attempt(["ip", "netns", "delete", other.name])
        }
    }

    func index(of interface: String) throws -> InterfaceIndex {
        try router.enter { if_nametoindex(interface) }.nonZero
    }

    /// Whether a ping is answered, in the end.
    func reaches(_ from: LabNamespace, _ address: String, as source: String? = nil) async throws -> Bool {
        try await Patience.wait(.seconds(30)) { try await !isCutOff(from, address, as: source) }
    }

    /// Whether a ping is not answered within a second.
    func isCutOff(_ from: LabNamespace, _ address: String, as source: String? = nil) async throws -> Bool {
        let own = source.map { ["-I", $0] } ?? []
        let outcome = try await Command.attempt(from.inside(["ping", "-c", "1", "-W", "1"] + own + [address]))
        return !outcome.succeeded
    }

    /// Whether the error comes back that nobody listens on a UDP port.
    func hearsOfClosedPort(_ from: LabNamespace, _ address: String) async throws -> Bool {
        try await from.hearsOfClosedPort(address)
    }

    /// What an HTTP server on a port sees as its client's address while somebody fetches the URL.
    func visitor(from client: LabNamespace, of server: LabNamespace, port: Int, url: String) async throws -> String? {
        try await visitor(from: client, of: server, port: port, url: url, within: 30)
    }

    /// Whether an HTTP server on a port is not reached within two seconds.
    func isKeptOut(_ client: LabNamespace, of server: LabNamespace, port: Int, url: String) async throws -> Bool {
        try await visitor(from: client, of: server, port: port, url: url, within: 2) == nil
    }

    private func visitor(
        from client: LabNamespace,
        of server: LabNamespace,
        port: Int,
        url: String,
        within seconds: Int
    ) async throws -> String? {
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
        let isListening = try await Patience.wait(.seconds(30)) {
            let listening = try await server.run(["ss", "-Hltn", "sport", "=", ":\(port)"])
            return !listening.isEmpty
        }
        try #require(isListening)
        let words = ["curl", "-sS", "-g", "--max-time", "\(seconds)", url]
        let outcome = try await Command.attempt(client.inside(words))
        return outcome.succeeded ? outcome.output : nil
    }
}

extension LabNamespace {
    /// Whether the error comes back here that nobody listens on a UDP port. A kernel answers so many a second only: asked
    /// again and again.
    func hearsOfClosedPort(_ address: String, from own: String? = nil) async throws -> Bool {
        let program = """
            import socket, time
            out = socket.socket(socket.AF_INET6 if ':' in '\(address)' else socket.AF_INET, socket.SOCK_DGRAM)
            \(own.map { "out.bind(('\($0)', 0))" } ?? "")
            out.settimeout(0.2)
            out.connect(('\(address)', 9))
            end = time.monotonic() + 30
            while time.monotonic() < end:
                try:
                    out.send(b'nobody listens')
                    out.recv(10)
                except ConnectionRefusedError:
                    print('refused')
                    break
                except TimeoutError:
                    pass
            """
        return try await Command.attempt(inside(["python3", "-c", program])).output == "refused\n"
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
