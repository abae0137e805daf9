// SPDX-License-Identifier: Apache-2.0
import Crypto
import Mobility
import Wire

/// Registrations through the anchor's engine: octets in, octets out.
enum EngineMeasurement {
    private static let crowds = [1000, 10_000]

    static func run(rounds: Int) {
        var subjects: [(name: String, run: () -> Sample)] = []
        for isAuthenticated in [true, false] {
            for bindings in crowds {
                let scene = AnchorScene(bindings: bindings, isAuthenticated: isAuthenticated)
                if subjects.isEmpty { subjects = baselines(scene.refresh().octets) }
                let kind = "\(isAuthenticated ? "HMAC" : "none") | \(bindings)"
                subjects.append(("first registration | \(kind)", scene.firstRegistrations))
                subjects.append(("refresh | \(kind)", { scene.refreshes(isBulk: false) }))
                subjects.append(("bulk refresh of two | \(kind)", { scene.refreshes(isBulk: true) }))
            }
        }
        let comparison = Comparison(rounds: rounds, subjects)
        let codec = comparison.rows[0]
        Table.show(
            "Registrations through the anchor's engine, \(rounds) rounds of \(AnchorScene.batch)",
            [
                "what", "authentication", "bindings present", "µs per update", "updates per second",
                "times codec", "allocations",
            ],
            comparison.rows.map { row in
                let time = median(row.nanoseconds)
                return [
                    row.name, Table.spread(row.nanoseconds.map { $0 / 1000 }), Table.number(1e9 / time),
                    Table.number(row.ratio(to: codec)), Table.number(row.allocations),
                ]
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
            ("baseline: decode and encode (\(update.count) octets) | – | –", codec),
            ("baseline: HMAC-SHA256 once | – | –", authenticator),
        ]
    }
}
