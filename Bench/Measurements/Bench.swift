// SPDX-License-Identifier: Apache-2.0
import Glibc

/// `Bench engine|forwarding|allocations [ROUNDS [MOST-BINDINGS]]`: prints Markdown; exit code 1 if a promise is broken.
@main
enum Bench {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        let numbers = arguments.dropFirst().compactMap { Int($0) }
        let rounds = numbers.first ?? 9
        switch arguments.first {
        case "engine": EngineMeasurement.run(rounds: max(1, rounds), atMost: numbers.dropFirst().first ?? .max)
        case "forwarding": ForwardingMeasurement.run(rounds: max(1, rounds))
        case "allocations": exit(AllocationCheck.run() ? 0 : 1)
        default:
            print("usage: Bench engine|forwarding|allocations [ROUNDS [MOST-BINDINGS]]")
            exit(2)
        }
    }
}
