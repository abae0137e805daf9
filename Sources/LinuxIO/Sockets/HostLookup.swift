// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// What the system's resolver says of a host's name. Waits for it, perhaps for half a minute: not on a reactor's thread.
package enum HostLookup {
    /// In the resolver's order (RFC 6724), each once; none if the name stands for nothing or nobody could tell.
    package static func addresses(of name: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [IPAddress] = []
        var entry = list?.pointee
        while let present = entry {
            if let memory = present.ai_addr {
                let octets = UnsafeRawBufferPointer(start: memory, count: Int(present.ai_addrlen))
                if let address = SocketAddress(octets)?.address, !found.contains(address) { found.append(address) }
            }
            entry = present.ai_next?.pointee
        }
        return found
    }
}
