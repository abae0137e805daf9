// SPDX-License-Identifier: Apache-2.0
package import LinuxIO

extension KernelSettings {
    /// Sites of one anchor reach each other through its tunnel device, in and out again: the kernel shall not tell their
    /// hosts of a shorter way, for there is none.
    package func stopRedirects(on tunnelDevice: String) throws(SystemError) {
        // The kernel sends them where either allows it; other links keep what they say themselves. For IPv6 there is no
        // such setting, and none is needed: redirects come from link-local addresses, which the tunnel does not carry.
        for interface in [tunnelDevice, "all"] {
            guard let setting = KernelSetting.ipv4("send_redirects", on: interface) else { continue }
            try set("0", to: setting, because: "sites reach each other through one device")
        }
    }
}
