// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc

/// A download during which one access network goes silent and comes back, and then the other loses its carrier.
struct DemoDownload: Sendable {
    let scene: DemoScene
    let laboratory: Laboratory
    let gateway: DaemonView
    let narrator: Narrator

    /// Runs it from the server at a host, an IPv6 address in brackets.
    func run(from host: String, checksum: String) async throws {
        narrator.say("download of 100 MB from http://\(host):8080/file begins")
        try? FileManager.default.removeItem(atPath: scene.download)
        let begin = ContinuousClock.now
        async let transfer = Command.attempt(
            Topology.host.inside(
                ["curl", "-sS", "--fail", "--max-time", "100", "-o", scene.download, "http://\(host):8080/file"]
            )
        )
        try await disturb()
        let outcome = try await transfer
        guard outcome.succeeded else { throw LabFailure("the download failed: \(outcome.explanation)") }
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        let mbit = Double(DemoScene.downloadOctets) * 8 / seconds / 1e6
        narrator.say("download complete after \(seconds.oneDecimal) s, \(mbit.oneDecimal) Mbit/s over all")
        guard try await Self.checksum(of: scene.download) == checksum else {
            throw LabFailure("the downloaded file differs from the original")
        }
        narrator.say("SHA-256 of the download is that of the original: \(checksum.prefix(16))…")
    }

    static func checksum(of file: String) async throws -> String {
        let output = try await Command.run(["sha256sum", file])
        return String(output.prefix { $0 != " " })
    }

    private func disturb() async throws {
        guard try await Patience.wait(.seconds(30), until: { arrived > 12_000_000 }) else {
            throw LabFailure("the download did not get going: \(arrived) octets in 30 s")
        }
        narrator.say("\(megabytes) arrived; wan2 silently loses everything from now on, its carrier stays up")
        try laboratory.emulator.change("wan2", LinkDirection.allCases, LinkChanges(["outage=on"]))
        try await goesOn("wan2 is silent", for: .seconds(6))
        try laboratory.emulator.change("wan2", LinkDirection.allCases, LinkChanges(["outage=off"]))
        narrator.say("\(megabytes) arrived; wan2 carries again")
        try await comesBack("wan2")
        try await Task.sleep(for: .seconds(2))
        narrator.say("\(megabytes) arrived; wan1 loses its carrier")
        try await laboratory.setCarrier("wan1", on: false)
        try await goesOn("wan1 is down", for: .seconds(5))
        try await laboratory.setCarrier("wan1", on: true)
        narrator.say("\(megabytes) arrived; wan1 has its carrier again")
        try await comesBack("wan1")
    }

    /// The download must go on over the path that is left.
    private func goesOn(_ trouble: String, for duration: Duration) async throws {
        let before = arrived
        guard before < DemoScene.downloadOctets else {
            throw LabFailure("the download was over before \(trouble): nothing was shown")
        }
        try await Task.sleep(for: duration)
        let more = arrived - before
        let mbit = Double(more) * 8 / (duration / .seconds(1)) / 1e6
        narrator.say("while \(trouble), the download went on at \(mbit.oneDecimal) Mbit/s")
        guard more > 1_000_000 || arrived == DemoScene.downloadOctets else {
            throw LabFailure("while \(trouble), only \(more) octets arrived in \(duration)")
        }
    }

    private func comesBack(_ link: String) async throws {
        let begin = ContinuousClock.now
        guard try await gateway.waitFor(link, up: true, .seconds(20)) else {
            throw LabFailure("the path over \(link) did not come back within 20 s")
        }
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        narrator.say("the path over \(link) is up again \(seconds.oneDecimal) s later")
    }

    private var arrived: Int {
        var file = stat()
        return stat(scene.download, &file) == 0 ? Int(file.st_size) : 0
    }

    private var megabytes: String { "\(arrived / 1_000_000) MB" }
}

extension Double {
    /// As people write it: 12.3
    var oneDecimal: String {
        let tenths = Int((self * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
    }
}
