// SPDX-License-Identifier: Apache-2.0
import Daemon
import Testbed
import Testing

/// Files that nobody meant: whatever stands in one, it is read, or refused with a text that names the file.
///
/// (The decoders of octets have fuzz targets; the YAML library stands between this one and libFuzzer.)
@Suite struct ConfigurationMutationTests {
    private static let texts = [
        ConfigurationTexts.anchor, ConfigurationTexts.gateway, ConfigurationTexts.leastAnchor,
        ConfigurationTexts.leastGateway,
    ]
    /// Pieces that mean something to YAML, or to us.
    private static let pieces = [
        ":", "- ", "{", "}", "[", "]", "\"", "'", "&a ", "*a", "!!int ", "|", ">", "#", "\n", "\t", "  ", "~", "null",
        "0",
        "-1", "256", "99999999999999999999", "1e309", ".inf", "0x", "true", "::/0", "1.2.3.4/33", "\u{0}", "é", "<<: ",
        "? ",
        "---\n", "...\n", "%YAML 9.9\n", "lma:", "mag:",
    ]

    @Test(arguments: 1...8 as ClosedRange<UInt64>) func mutatedFilesAreReadOrRefused(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var refused = 0
        for _ in 0..<400 {
            guard let text = Self.texts.randomElement(using: &generator) else { continue }
            var octets = Array(text.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) { Self.mutate(&octets, with: &generator) }
            if !isRead(String(decoding: octets, as: UTF8.self)) { refused += 1 }
        }
        // As many are spoilt as a mutation ought to spoil, so the tests reach what they are for.
        #expect((40...398).contains(refused), "seed \(seed): \(refused) refused")
    }

    @Test(arguments: ["[", "{a: ", "- ", "? ", "a:\n ", "*a ", "&a ", "\"", "!", "\u{FEFF}"])
    func heapsOfOnePieceAreRefused(_ piece: String) {
        for count in [1, 1000, 20_000] {
            #expect(!isRead(String(repeating: piece, count: count)), "\(count) times \(piece)")
        }
    }

    @Test func aliasesThatMultiplyAreRefused() {
        let lines = (1...40).map { level in
            let below = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            return "a\(level): &a\(level) [\(below)]"
        }
        #expect(!isRead("a0: &a0 [x]\n" + lines.joined(separator: "\n") + "\nlma: *a40\n"))
    }

    private func isRead(_ text: String) -> Bool {
        do throws(ConfigurationError) {
            _ = try ConfigurationFile.parse(text, file: "some.yaml").summary
            return true
        } catch {
            #expect(error.description.hasPrefix("some.yaml"))
            return false
        }
    }

    private static func mutate(_ octets: inout [UInt8], with generator: inout SeededGenerator) {
        let place = Int.random(in: 0..<max(1, octets.count), using: &generator)
        let end = min(octets.count, place + Int.random(in: 0...20, using: &generator))
        guard place <= end else { return }
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: octets.removeSubrange(place..<end)
        case 1: octets.insert(contentsOf: octets[place..<end], at: place)
        case 2:
            let from = Int.random(in: 0...octets.count, using: &generator)
            octets.insert(contentsOf: octets[place..<end], at: from)
        case 3: octets.insert(UInt8.random(in: 0...255, using: &generator), at: place)
        default: octets.insert(contentsOf: Array((pieces.randomElement(using: &generator) ?? "").utf8), at: place)
        }
    }
}
