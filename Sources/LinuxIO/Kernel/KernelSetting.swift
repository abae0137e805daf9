// SPDX-License-Identifier: Apache-2.0

/// One of the values that the kernel keeps under `/proc/sys`.
package struct KernelSetting: Hashable, Sendable {
    /// Below `/proc/sys`: `net/ipv6/conf/wan1/accept_ra`.
    package let path: String

    /// nil if the path leads outside `/proc/sys`.
    package init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.isEmpty, parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else { return nil }
        self.path = path
    }

    /// `net/ipv6/conf/INTERFACE/NAME`; `all` and `default` are interfaces as well.
    package static func ipv6(_ name: String, on interface: String) -> KernelSetting? {
        interface.contains("/") ? nil : KernelSetting(path: "net/ipv6/conf/\(interface)/\(name)")
    }

    /// `net/ipv4/conf/INTERFACE/NAME`
    package static func ipv4(_ name: String, on interface: String) -> KernelSetting? {
        interface.contains("/") ? nil : KernelSetting(path: "net/ipv4/conf/\(interface)/\(name)")
    }
}

extension KernelSetting: CustomStringConvertible {
    package var description: String { path }
}
