// SPDX-License-Identifier: Apache-2.0
import Glibc
import Lab
import LinuxIO

/// Tells everybody on UDP port 7 of 198.51.100.9 his address.
struct UDPEcho {
    private let process: ChildProcess

    init(in namespace: LabNamespace) throws {
        let program = """
            import socket
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind(('198.51.100.9', 7))
            while True:
                _, peer = s.recvfrom(100)
                s.sendto(peer[0].encode(), peer)
            """
        process = try ChildProcess(starting: namespace.inside(["python3", "-c", program]), output: "/dev/null")
    }

    func end() {
        process.signal(SIGKILL)
        while process.isRunning { usleep(1000) }
    }

    /// Asks from one and the same port of 192.168.77.10, until somebody answers.
    static func ask(from host: LabNamespace, port: Int) async throws -> String {
        let program = """
            import socket, time
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind(('192.168.77.10', \(port)))
            s.settimeout(0.2)
            end = time.monotonic() + 30
            while time.monotonic() < end:
                try:
                    s.sendto(b'x', ('198.51.100.9', 7))
                    print(s.recv(100).decode(), end='')
                    break
                except TimeoutError:
                    pass
            """
        return try await host.run(["python3", "-c", program])
    }
}
