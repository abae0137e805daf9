// SPDX-License-Identifier: Apache-2.0
import Glibc
import LinuxIO
import Synchronization
import Testing

/// Two network namespaces, `left` and `right`, joined by a veth pair whose ends are called `wire`:
/// 2001:db8::1 and ::2, 192.0.2.1 and .2. They go away with this object.
final class ScratchNetwork {
    private static let counter = Atomic<Int>(0)

    let left: NetworkNamespace
    let right: NetworkNamespace
    let leftName: String
    let rightName: String

    init() throws {
        let number = ScratchNetwork.counter.add(1, ordering: .relaxed).newValue
        leftName = "linuxio-\(getpid())-\(number)-l"
        rightName = "linuxio-\(getpid())-\(number)-r"
        try shell("ip netns add \(leftName)")
        try shell("ip netns add \(rightName)")
        try shell("ip -n \(leftName) link add wire type veth peer name wire netns \(rightName)")
        for (name, host) in [(leftName, 1), (rightName, 2)] {
            try shell("ip -n \(name) link set lo up && ip -n \(name) link set wire up")
            try shell("ip -n \(name) address add 192.0.2.\(host)/24 dev wire")
            try shell("ip -n \(name) address add 2001:db8::\(host)/64 dev wire nodad")
        }
        left = try NetworkNamespace(named: leftName)
        right = try NetworkNamespace(named: rightName)
        // The kernel declares a link running a moment after both ends are up.
        for namespace in [left, right] {
            let netlink = try namespace.run { try NetlinkSocket() }
            _ = try poll { try netlink.link(named: "wire").flatMap { $0.isRunning ? true : nil } }
        }
    }

    /// Each end knows the other's link-layer address: while it is asked for, the kernel keeps few packets.
    func resolve() throws {
        for address in ["192.0.2.2", "2001:db8::2"] {
            let line = "ip netns exec \(leftName) ping -c 1 -W 1 \(address) >/dev/null && echo answered || true"
            let answer = try poll { try shell(line).isEmpty ? nil : true }
            try #require(answer == true)
        }
    }

    deinit {
        _ = try? shell("ip netns delete \(leftName)")
        _ = try? shell("ip netns delete \(rightName)")
    }
}
