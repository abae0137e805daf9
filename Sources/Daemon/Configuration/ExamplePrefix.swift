// SPDX-License-Identifier: Apache-2.0
import Wire

extension AddressFamily {
    /// For hints in messages about the configuration.
    var examplePrefix: String {
        switch self {
        case .ipv4: "10.20.0.0/16"
        case .ipv6: "2001:db8::/32"
        }
    }
}
