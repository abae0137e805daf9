// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Wire

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
                let shape = TunnelScene.Shape(
                    encapsulation: encapsulation,
                    isPerPacket: isPerPacket,
                    octets: 1400,
                    isReordering: isReordering
                )
                let kind = (isPerPacket ? "per packet" : "per flow") + (isReordering ? ", neighbours swapped" : "")
                isKept = isFree(shape, "\(encapsulation), \(kind)") && isKept
            }
        }
        for treatment in [FlowTreatment.pin, .bond, .overflow, .duplicate] {
            for rate in [nil, 100_000_000_000] as [Int64?] {
                var shape = TunnelScene.Shape(encapsulation: .gre, isPerPacket: false, octets: 1400)
                (shape.treatment, shape.rate) = (treatment, rate)
                isKept = isFree(shape, "gre, \(treatment)\(rate == nil ? "" : ", through our queue")") && isKept
            }
        }
        for isReordering in [false, true] {
            var shape = TunnelScene.Shape(encapsulation: .gre, isPerPacket: true, octets: 1400)
            (shape.isReordering, shape.rate, shape.hasReports) = (isReordering, 100_000_000_000, true)
            let kind = isReordering ? ", neighbours swapped" : ""
            isKept = isFree(shape, "gre, with reports\(kind)", perReport: 16) && isKept
        }
        return isKept && isCounting()
    }

    /// `perReport`: what one costs both ends, which is none of a packet's.
    private static func isFree(_ shape: TunnelScene.Shape, _ name: String, perReport: Int = 0) -> Bool {
        let scene = TunnelScene(shape)
        _ = scene.run(rounds: settling)
        let sample = scene.run(rounds: batches)
        let packets = batches * TunnelScene.round
        let allocations = Int((sample.allocationsPerOperation * Double(packets)).rounded())
        let reports = scene.reports(in: batches)
        let beside = reports > 0 ? " and \(reports) reports" : ""
        print("allocations: \(name): \(allocations) in \(packets) packets\(beside)")
        return allocations <= reports * perReport
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
