// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Octets to a Unix socket and back, without any understanding of them.
enum RawExchange {
    static func perform(_ request: String, at path: String) throws -> String {
        let descriptor = connected(to: path)
        defer { close(descriptor) }
        _ = send(descriptor, request, request.utf8.count, Int32(MSG_NOSIGNAL))
        var answer: [UInt8] = []
        while true {
            var octets = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &octets, octets.count, 0)
            guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
            answer += octets[..<count]
        }
    }

    static func connected(to path: String) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(bitPattern: SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return descriptor
    }
}
