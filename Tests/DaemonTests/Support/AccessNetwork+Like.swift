// SPDX-License-Identifier: Apache-2.0
import Daemon
import Wire

extension AccessNetwork {
    /// Named as it is selected: by a pattern if there is one, by an address if there are colons.
    init(like text: String, number: UInt8, _ family: AddressFamily, anchors: [IPAddress] = []) {
        let octets = text.split(separator: ":").compactMap { UInt8($0, radix: 16) }
        let selection: LinkSelection =
            if let address = LinkLayerAddress(octets: octets) {
                .address(address)
            } else if text.contains(where: { "*?".contains($0) }) {
                .pattern(text)
            } else {
                .name(text)
            }
        self.init("\(selection)", number: number, selection: selection, family: family, anchors: anchors)
    }
}
