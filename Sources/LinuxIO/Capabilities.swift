// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// What the kernel lets this process do.
package enum Capabilities {
    private static let netAdmin: UInt64 = 1 << 12
    private static let netRaw: UInt64 = 1 << 13

    /// Whether devices, routes and raw sockets may be made: `CAP_NET_ADMIN` and `CAP_NET_RAW`.
    package static func hasNetAdmin() -> Bool {
        effective().map { $0 & (netAdmin | netRaw) == netAdmin | netRaw } ?? false
    }

    /// Throws one clear line if `hasNetAdmin` is false.
    package static func requireNetAdmin() throws(SystemError) {
        guard !hasNetAdmin() else { return }
        throw SystemError(
            call: "use",
            errno: EPERM,
            subject: "network devices and raw sockets (needs root, or CAP_NET_ADMIN and CAP_NET_RAW)"
        )
    }

    /// The effective capabilities, of which `/proc/self/status` tells; nil if it does not.
    private static func effective() -> UInt64? {
        guard let text = try? Sysctl.contents(of: "/proc/thread-self/status") else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix("CapEff:") {
            return line.split(whereSeparator: { $0 == "\t" || $0 == " " }).last.flatMap { UInt64($0, radix: 16) }
        }
        return nil
    }
}
