// SPDX-License-Identifier: Apache-2.0

/// A setting of the kernel's that the daemon has changed, and sets back at its end.
package struct Setting: Codable, Sendable, Equatable {
    /// Below `/proc/sys`, such as `net/ipv6/conf/wan1/accept_ra`.
    package var setting: String
    /// The value before, which comes back at the end.
    package var was: String
    /// The value that the daemon has set.
    package var value: String
    /// The value at this moment; absent if the setting has gone with its link.
    package var isNow: String?
    /// Why the daemon has changed it.
    package var why: String

    package init(setting: String, was: String, value: String, isNow: String? = nil, why: String) {
        self.setting = setting
        self.was = was
        self.value = value
        self.isNow = isNow
        self.why = why
    }
}
