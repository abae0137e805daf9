// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// An address on a link.
package struct AddressState: Hashable, Sendable {
    /// How far the address means something (`rtm_scope`).
    package enum Scope: UInt8, Sendable {
        case global = 0
        case site = 200
        case link = 253
        case host = 254
    }

    package let interface: InterfaceIndex
    package let address: IPAddress
    /// The on-link prefix's.
    package let prefixLength: Int
    package let scope: Scope
    /// Duplicate address detection is not done: the address cannot be used yet (RFC 4862 §5.4).
    package let isTentative: Bool
    /// Duplicate address detection found another owner: the address cannot be used at all.
    package let isDuplicate: Bool
    /// Not to be used for new connections (RFC 4862 §5.5.4).
    package let isDeprecated: Bool
    /// Made for privacy and going away soon (RFC 8981).
    package let isTemporary: Bool

    /// It stays until somebody removes it: no lease or advertisement gave it for a time.
    package let isPermanent: Bool
    /// Who added it; zero if nobody said, or the kernel (before Linux 5.18) does not keep it.
    package let owner: RouteOwner

    /// fe80::/10
    package var isLinkLocal: Bool {
        if case .v6(let address) = address { address.isLinkLocal } else { false }
    }

    /// IFA_PROTO, which older headers lack.
    static let protocolAttribute = 11

    /// From a `RTM_NEWADDR` or `RTM_DELADDR` message's body; nil if it is none.
    package init?(_ body: ArraySlice<UInt8>) {
        let reader = NetlinkReader(body)
        // struct ifaddrmsg: family, prefix length, flags, scope, index at 4.
        guard let prefixLength = reader.uint8(at: 1), let shortFlags = reader.uint8(at: 2),
            let scope = reader.uint8(at: 3), let index = reader.uint32(at: 4), let rest = reader.slice(8, reader.count)
        else { return nil }
        let attributes = NetlinkAttributes(rest)
        // IFA_ADDRESS is the peer's address on a point-to-point link.
        guard let address = attributes.address(Int(IFA_LOCAL)) ?? attributes.address(Int(IFA_ADDRESS))
        else { return nil }
        let flags = attributes.uint32(Int(IFA_FLAGS)) ?? UInt32(shortFlags)
        interface = InterfaceIndex(index)
        self.address = address
        self.prefixLength = Int(prefixLength)
        self.scope = Scope(rawValue: scope) ?? .global
        isTentative = flags & UInt32(IFA_F_TENTATIVE) != 0 && flags & UInt32(IFA_F_OPTIMISTIC) == 0
        isDuplicate = flags & UInt32(IFA_F_DADFAILED) != 0
        isDeprecated = flags & UInt32(IFA_F_DEPRECATED) != 0
        isPermanent = flags & UInt32(IFA_F_PERMANENT) != 0
        owner = RouteOwner(attributes[Self.protocolAttribute]?.first ?? 0)
        isTemporary = !address.isIPv4 && flags & UInt32(IFA_F_TEMPORARY) != 0
    }
}
