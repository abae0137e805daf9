// SPDX-License-Identifier: Apache-2.0

extension Array {
    /// As few of the elements, in their order, as show the same: greedily, in pieces that become smaller.
    package func shrunk(while isFaulty: ([Element]) -> Bool) -> [Element] {
        var (needed, size) = (self, Swift.max(1, count / 2))
        while true {
            var (start, hasShrunk) = (0, false)
            while start < needed.count {
                var fewer = needed
                fewer.removeSubrange(start..<Swift.min(start + size, needed.count))
                if isFaulty(fewer) {
                    (needed, hasShrunk) = (fewer, true)
                } else {
                    start += size
                }
            }
            if size == 1, !hasShrunk { return needed }
            size = Swift.max(1, size / 2)
        }
    }
}
