// SPDX-License-Identifier: Apache-2.0
import Forwarding

/// The promise of `Forwarder`: no allocation per packet. Counted, not guessed: the process counts its calls of the
/// allocator.
enum AllocationCheck {
    /// Rounds that fill tables and buffers to the size which they keep.
    private static let settling = 200
    private static let batches = 2000

    /// false if a packet costs an allocation anywhere.
    static func run() -> Bool {
        var isKept = true
        for encapsulation in Encapsulation.allCases {
            for (isPerPacket, isReordering) in [(false, false), (true, false), (true, true)] {
                let scene = TunnelScene(
                    TunnelScene.Shape(
                        encapsulation: encapsulation,
                        isPerPacket: isPerPacket,
                        octets: 1400,
                        isReordering: isReordering
                    )
                )
                _ = scene.run(rounds: settling)
                let sample = scene.run(rounds: batches)
                let packets = batches * TunnelScene.round
                let allocations = Int((sample.allocationsPerOperation * Double(packets)).rounded())
                let kind = (isPerPacket ? "per packet" : "per flow") + (isReordering ? ", neighbours swapped" : "")
                print("allocations: \(encapsulation), \(kind): \(allocations) in \(packets) packets")
                if allocations > 0 { isKept = false }
            }
        }
        return isKept && isCounting()
    }

    /// A counter that counts nothing would find nothing.
    private static func isCounting() -> Bool {
        let sample = Sample.taking(1000) {
            for size in 1...1000 {
                let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 1)
                memory.storeBytes(of: 1, as: UInt8.self)
                memory.deallocate()
            }
        }
        guard sample.allocationsPerOperation >= 1 else {
            print("allocations: the counter does not count")
            return false
        }
        return true
    }
}
