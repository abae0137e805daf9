// SPDX-License-Identifier: Apache-2.0
import Mobility
import Testbed
import Wire

extension Datagram {
    /// With the transport's checksum put right, so that more than the checksum is tested.
    var repaired: Datagram {
        var copy = self
        guard copy.octets.count >= 8, copy.ports == nil, case .v6(let source) = source,
            case .v6(let destination) = destination
        else { return copy }
        (copy.octets[4], copy.octets[5]) = (0, 0)
        var checksum = Checksum()
        checksum.addPseudoHeader(
            source: .v6(source),
            destination: .v6(destination),
            protocolNumber: IPProtocol.mobilityHeader,
            length: copy.octets.count
        )
        checksum.add(copy.octets)
        (copy.octets[4], copy.octets[5]) = (UInt8(checksum.value >> 8), UInt8(checksum.value & 0xFF))
        return copy
    }

    /// Some octets changed, and the checksum with them.
    func patched(_ changes: [Int: UInt8]) -> Datagram {
        var copy = self
        for (offset, octet) in changes where copy.octets.indices.contains(offset) { copy.octets[offset] = octet }
        return copy.repaired
    }
}

extension [UInt8] {
    /// One to four octets or bits changed, octets taken off the end or put on.
    func mutated(using dice: inout SeededGenerator) -> [UInt8] {
        var octets = self
        for _ in 0..<Int.random(in: 1...4, using: &dice) where !octets.isEmpty {
            switch Int.random(in: 0..<4, using: &dice) {
            case 0: octets[Int.random(in: 0..<octets.count, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
            case 1: octets[Int.random(in: 0..<octets.count, using: &dice)] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
            case 2: octets.removeLast(Int.random(in: 0...octets.count, using: &dice))
            default: octets += (0..<8).map { _ in UInt8.random(in: 0...255, using: &dice) }
            }
        }
        return octets
    }
}
