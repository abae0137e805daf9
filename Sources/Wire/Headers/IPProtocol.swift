// SPDX-License-Identifier: Apache-2.0

/// Protocol numbers that stand in IP headers.
public enum IPProtocol {
    public static let hopByHopOptions: UInt8 = 0
    public static let icmp: UInt8 = 1
    public static let ipv4: UInt8 = 4
    public static let tcp: UInt8 = 6
    public static let udp: UInt8 = 17
    public static let ipv6: UInt8 = 41
    public static let routing: UInt8 = 43
    public static let fragment: UInt8 = 44
    public static let gre: UInt8 = 47
    public static let esp: UInt8 = 50
    public static let ah: UInt8 = 51
    public static let icmpv6: UInt8 = 58
    public static let noNextHeader: UInt8 = 59
    public static let destinationOptions: UInt8 = 60
    public static let mobilityHeader: UInt8 = 135
}

/// UDP ports of the protocol (RFC 5844 §4).
public enum MobilityPort {
    /// Signalling.
    public static let control: UInt16 = 5436
    /// User traffic.
    public static let data: UInt16 = 5437
}
