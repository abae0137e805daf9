// SPDX-License-Identifier: Apache-2.0

/// Numbers as docs/benchmarks.md shows them.
enum Table {
    static func show(_ title: String, _ heads: [String], _ rows: [[String]]) {
        print("### \(title)\n")
        print("| " + heads.joined(separator: " | ") + " |")
        print("|---|" + String(repeating: "---:|", count: heads.count - 1))
        for row in rows { print("| " + row.joined(separator: " | ") + " |") }
        print("")
    }

    /// Three figures that mean something.
    static func number(_ value: Double) -> String {
        let digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
        let scale = [1.0, 10.0, 100.0][digits]
        let whole = Int((value * scale).rounded())
        guard digits > 0 else { return "\(whole)" }
        let fraction = String(whole % Int(scale))
        return "\(whole / Int(scale)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
    }

    /// "median [least–most]"
    static func spread(_ values: [Double]) -> String {
        "\(number(median(values))) [\(number(values.min() ?? 0))–\(number(values.max() ?? 0))]"
    }
}
