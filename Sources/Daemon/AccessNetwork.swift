// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Wire

/// An access network that the gateway wants to use.
package struct AccessNetwork: Sendable {
    /// As the configuration, the engine and the log call it.
    package let name: String
    /// The path's binding identifier: no two have the same.
    package let number: UInt8
    package let selection: LinkSelection
    /// Of the tunnel's outer addresses.
    package var family: AddressFamily
    /// Where the tunnel's other end may be, as far as is known.
    package var anchors: [IPAddress]

    package init(
        _ name: String,
        number: UInt8,
        selection: LinkSelection,
        family: AddressFamily,
        anchors: [IPAddress]
    ) {
        self.name = name
        self.number = number
        self.selection = selection
        self.family = family
        self.anchors = anchors
    }

    /// An access network whose link is up and has an address.
    package struct Attachment: Hashable, Sendable {
        package var link: LinkState
        package var careOfAddress: IPAddress

        package init(link: LinkState, careOfAddress: IPAddress) {
            self.link = link
            self.careOfAddress = careOfAddress
        }
    }
}
