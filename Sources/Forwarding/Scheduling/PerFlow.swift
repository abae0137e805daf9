// SPDX-License-Identifier: Apache-2.0
package import Wire

/// Weighted rendezvous hashing: a flow goes to the path with the highest score, so shares follow the weights, and
/// when a path goes only its flows move.
package enum PerFlow {
    /// The index of the path for the flow; nil if none is usable and admitted.
    package static func choose(
        _ flow: UInt64,
        among paths: [Path],
        where isAdmitted: (Int) -> Bool = { _ in true }
    ) -> Int? {
        var best: (index: Int, score: Double)?
        for index in paths.indices where paths[index].isUsable && isAdmitted(index) {
            // 53 bits, in (0, 1): never 0 and never 1.
            let unit = (Double(mix(flow ^ mix(paths[index].salt)) >> 11) + 0.5) * 0x1p-53
            let score = paths[index].weight / -naturalLogarithm(unit)
            if score > (best?.score ?? -1) { best = (index, score) }
        }
        return best?.index
    }

    /// A hash of the five-tuple that nobody outside can predict.
    package static func hash(_ tuple: FiveTuple, seed: UInt64) -> UInt64 {
        let ports = UInt64(tuple.sourcePort) << 32 | UInt64(tuple.destinationPort) << 16 | UInt64(tuple.protocolNumber)
        let (source, destination) = (tuple.source.mappedToIPv6, tuple.destination.mappedToIPv6)
        var value = mix(seed ^ ports)
        value = mix(value ^ source.high)
        value = mix(value &+ source.low)
        value = mix(value ^ destination.high)
        value = mix(value &+ destination.low)
        return value
    }

    /// A bijection that spreads every input bit over all output bits (the finalizer of SplitMix64).
    package static func mix(_ value: UInt64) -> UInt64 {
        var value = value &+ 0x9E37_79B9_7F4A_7C15
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    /// ln of a positive number to about 1e-8: enough for a lottery, and the same on every machine.
    package static func naturalLogarithm(_ value: Double) -> Double {
        let mantissa = value.significand
        let root = (mantissa - 1) / (mantissa + 1)
        let square = root * root
        var term = root
        var sum = 0.0
        // Integers: a stride of Double needs the mathematics library.
        for divisor in stride(from: 1, through: 15, by: 2) {
            sum += term / Double(divisor)
            term *= square
        }
        return Double(value.exponent) * 0.693_147_180_559_945_3 + 2 * sum
    }
}
