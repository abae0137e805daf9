// SPDX-License-Identifier: Apache-2.0
package import LinuxIO

/// A setting of the kernel's that a daemon has changed.
package struct ChangedSetting: Equatable, Sendable {
    package let setting: KernelSetting
    /// What it is set to at the end.
    package let previous: String
    /// What we have made of it.
    package let value: String
    /// For the operator.
    package let reason: String

    package init(_ setting: KernelSetting, previous: String, value: String, reason: String) {
        self.setting = setting
        self.previous = previous
        self.value = value
        self.reason = reason
    }
}
