// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// Programs of the system that the lab needs.
enum Programs {
    /// The Debian packages of those that a small system may lack.
    private static let packages = [
        "ip": "iproute2", "ethtool": "ethtool", "ping": "iputils-ping", "curl": "curl", "iperf3": "iperf3",
        "python3": "python3", "tcpdump": "tcpdump", "ss": "iproute2", "ps": "procps", "nft": "nftables",
        "conntrack": "conntrack", "dnsmasq": "dnsmasq-base", "busybox": "busybox",
    ]

    /// Throws one error that names all that are missing.
    static func require(_ names: [String]) throws(LabFailure) {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"
        let folders = path.split(separator: ":").map(String.init)
        let missing = names.filter { name in
            !folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
        }
        guard !missing.isEmpty else { return }
        let install = Set(missing.compactMap { packages[$0] }).sorted().joined(separator: " ")
        throw LabFailure("missing: \(missing.joined(separator: ", ")); on Debian: apt-get install \(install)")
    }
}
