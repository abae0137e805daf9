// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A Unix socket that a test answers on by hand.
struct UnixListener: Sendable {
    let descriptor: Int32

    init(path: String) {
        descriptor = socket(AF_UNIX, Int32(bitPattern: SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        listen(descriptor, 8)
    }

    /// Takes one request and sends the answer, in pieces of so many octets.
    func answer(_ text: String, pieces: Int = .max) {
        let connection = accept(descriptor, nil, nil)
        var request: [UInt8] = []
        while !request.suffix(4).elementsEqual([13, 10, 13, 10]) {
            var octets = [UInt8](repeating: 0, count: 4096)
            let count = recv(connection, &octets, octets.count, 0)
            guard count > 0 else { break }
            request += octets[..<count]
        }
        var remaining = Array(text.utf8)[...]
        while !remaining.isEmpty {
            let piece = Array(remaining.prefix(pieces))
            _ = send(connection, piece, piece.count, Int32(MSG_NOSIGNAL))
            remaining = remaining.dropFirst(piece.count)
        }
        Glibc.close(connection)
    }

    func close() { Glibc.close(descriptor) }
}
