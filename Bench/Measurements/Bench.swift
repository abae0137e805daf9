// SPDX-License-Identifier: Apache-2.0
import Glibc

/// `Bench engine|forwarding|allocations [ROUNDS [MOST-BINDINGS]]`: prints Markdown; exit code 1 if a promise is broken.
/// `Bench simulate [up] [per-packet] [random=N] [seed=N] [NAME…]` prints scenarios of bonding in virtual time; `Bench scenarios` prints what they are.
/// `Bench daemon PLAIT DIRECTORY [ROUNDS]` and `Bench growth PLAIT DIRECTORY [MOST-BINDINGS]` likewise, in a network of its own (Scripts/bench-anchor.sh).
@main
enum Bench {
    static func main() async {
        let arguments = CommandLine.arguments.dropFirst()
        let numbers = arguments.dropFirst().compactMap { Int($0) }
        let rounds = numbers.first ?? 9
        switch arguments.first {
        case "engine": EngineMeasurement.run(rounds: max(1, rounds), atMost: numbers.dropFirst().first ?? .max)
        #if canImport(LinuxIO) && canImport(GRDB)
            case "daemon" where arguments.count > 2:
                let places = Array(arguments.dropFirst())
                DaemonMeasurement.run(program: places[0], directory: places[1], rounds: max(1, numbers.first ?? 5))
            case "growth" where arguments.count > 2:
                let places = Array(arguments.dropFirst())
                DaemonMeasurement.runGrowth(program: places[0], directory: places[1], atMost: numbers.first ?? .max)
        #endif
        case "simulate": exit(await SimulationTable.run(arguments.dropFirst()) ? 0 : 2)
        case "scenarios": ScenarioList.run()
        case "forwarding": ForwardingMeasurement.run(rounds: max(1, rounds))
        case "allocations": exit(AllocationCheck.run() ? 0 : 1)
        default:
            print(
                "usage: Bench engine|forwarding|allocations [ROUNDS [MOST-BINDINGS]] | simulate [NAME…] | scenarios "
                    + "| daemon PLAIT DIRECTORY [ROUNDS] | growth PLAIT DIRECTORY [MOST-BINDINGS]"
            )
            exit(2)
        }
    }
}
