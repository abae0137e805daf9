// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Lends strings as the null-terminated vector that exec(3) and posix_spawn(3) take.
enum ArgumentVector {
    static func with<Result>(
        _ arguments: [String],
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        let vector = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: arguments.count + 1)
        for (position, argument) in arguments.enumerated() { (vector + position).initialize(to: strdup(argument)) }
        (vector + arguments.count).initialize(to: nil)
        defer {
            for position in arguments.indices { free(vector[position]) }
            vector.deallocate()
        }
        return body(vector)
    }
}
