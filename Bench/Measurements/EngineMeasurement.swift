// SPDX-License-Identifier: Apache-2.0
import Crypto
import Mobility
import Wire

/// Registrations through the anchor's engine, octets in, octets out, while it holds ever more bindings.
enum EngineMeasurement {
    /// Who is there besides those who are measured.
    private struct Crowding {
        var bindings: Int
        var paths = 2
        /// nil: one for each node.
        var gateways: Int? = 16
        var isAuthenticated = true

        var name: String {
            "\(isAuthenticated ? "HMAC" : "none") | \(paths) | \(gateways.map(String.init) ?? "each node's") | \(bindings)"
        }
    }

    private static let few = 1000
    private static let crowdings =
        [few, 10_000, 100_000, 1_000_000].map { Crowding(bindings: $0) }
        + [few, 100_000].map { Crowding(bindings: $0, paths: 4) }
        + [few, 100_000].map { Crowding(bindings: $0, gateways: nil) }
        + [few, 100_000].map { Crowding(bindings: $0, isAuthenticated: false) }

    static func run(rounds: Int, atMost bindings: Int) {
        let crowdings = crowdings.filter { $0.bindings <= bindings }
        let scenes = crowdings.map {
            AnchorScene(
                bindings: $0.bindings,
                paths: $0.paths,
                gateways: $0.gateways,
                isAuthenticated: $0.isAuthenticated
            )
        }
        var subjects = scenes.first.map { baselines($0.specimen) } ?? []
        /// Of each subject, the one with few bindings that it is compared with.
        var references = subjects.indices.map { $0 }
        var firstOfKind: [String: Int] = [:]
        for (crowding, scene) in zip(crowdings, scenes) {
            for (what, run) in operations(of: scene, paths: crowding.paths) {
                var alike = crowding
                alike.bindings = few
                references.append(firstOfKind[what + alike.name] ?? subjects.count)
                firstOfKind[what + crowding.name] = subjects.count
                subjects.append(("\(what) | \(crowding.name)", run))
            }
        }
        let comparison = Comparison(rounds: rounds, subjects)
        show(comparison, references: references, rounds: rounds)
        showHoldings(zip(crowdings, scenes).map { ($0.name, $1) })
    }

    private static func operations(of scene: AnchorScene, paths: Int) -> [(String, () -> Sample)] {
        [
            ("first registration", scene.firstRegistrations), ("refresh", scene.refreshes),
            ("bulk refresh of \(paths)", scene.bulkRefreshes), ("de-registration", scene.deregistrations),
            ("expiry", scene.expiries), ("heartbeat request", scene.heartbeats),
            ("heartbeat response", scene.heartbeatResponses),
        ]
    }

    private static func show(_ comparison: Comparison, references: [Int], rounds: Int) {
        let codec = comparison.rows[0]
        Table.show(
            "Registrations through the anchor's engine, \(rounds) rounds of \(AnchorScene.batch)",
            [
                "what", "authentication", "paths of a node", "gateways", "bindings held", "µs each",
                "times a second", "times codec", "times \(few) bindings", "allocations",
            ],
            zip(comparison.rows, references).map { row, reference in
                [
                    row.name, Table.spread(row.nanoseconds.map { $0 / 1000 }),
                    Table.number(1e9 / median(row.nanoseconds)), Table.number(row.ratio(to: codec)),
                    Table.number(row.ratio(to: comparison.rows[reference])), Table.number(row.allocations),
                ]
            }
        )
    }

    private static func showHoldings(_ scenes: [(name: String, scene: AnchorScene)]) {
        Table.show(
            "Bindings held by the engine, and lost all at once",
            [
                "authentication", "paths of a node", "gateways", "bindings held", "octets per binding",
                "seconds to register all", "seconds to show all", "seconds for all to expire",
            ],
            scenes.map { name, scene in
                let storms = [scene.snapshot(), scene.end()].map {
                    Table.number($0.nanosecondsPerOperation * Double(scene.bindings) / 1e9)
                }
                // Memory that others have left tells nothing of a few.
                let memory = scene.bindings < 100_000 ? "–" : Table.number(Double(scene.octetsPerBinding))
                return [name, memory, Table.number(scene.secondsToFill)] + storms
            }
        )
    }

    /// Where the time goes, with the same update: decoding and encoding it; its authenticator once (an answered
    /// update needs two).
    private static func baselines(_ update: [UInt8]) -> [(name: String, run: () -> Sample)] {
        let key = SymmetricKey(data: (0..<16).map { UInt8($0) })
        let codec = {
            Sample.taking(AnchorScene.batch) {
                for _ in 0..<AnchorScene.batch {
                    let octets = try? MobilityHeader(decoding: update).octets
                    precondition(octets?.count == update.count, "the codec lost something")
                }
            }
        }
        let authenticator = {
            Sample.taking(AnchorScene.batch) {
                for _ in 0..<AnchorScene.batch {
                    let code = Array(HMAC<SHA256>.authenticationCode(for: update, using: key).prefix(16))
                    precondition(code.count == 16, "no authenticator")
                }
            }
        }
        return [
            ("baseline: decode and encode (\(update.count) octets) | – | – | – | –", codec),
            ("baseline: HMAC-SHA256 once | – | – | – | –", authenticator),
        ]
    }
}
