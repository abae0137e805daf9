// SPDX-License-Identifier: Apache-2.0

/// Numbers as a person reads them: at most three digits before the point, one after it.
package enum Quantity {
    /// In binary multiples: `512 B`, `1.5 KiB`, `95.4 MiB`.
    package static func octets(_ count: Int) -> String {
        scaled(Double(count), by: 1024, units: ["B", "KiB", "MiB", "GiB", "TiB", "PiB"])
    }

    /// In decimal multiples: `20 Mbit/s`, `1.5 Gbit/s`.
    package static func rate(_ bitsPerSecond: Int) -> String {
        scaled(Double(bitsPerSecond), by: 1000, units: ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"])
    }

    /// In the two greatest units: `45 s`, `3 min 20 s`, `1 h`, `2 d 4 h`.
    package static func duration(_ seconds: Int) -> String {
        let units = [(86400, "d"), (3600, "h"), (60, "min"), (1, "s")]
        guard let first = units.firstIndex(where: { seconds >= $0.0 }) else { return "0 s" }
        let (size, name) = units[first]
        let rest = seconds % size
        guard first + 1 < units.count, rest / units[first + 1].0 > 0 else { return "\(seconds / size) \(name)" }
        return "\(seconds / size) \(name) \(rest / units[first + 1].0) \(units[first + 1].1)"
    }

    /// Seconds to a tenth, whole ones from a minute on.
    package static func idle(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 60 else { return duration(Int(clamping: seconds)) }
        return tenths(max(seconds, 0)) + " s"
    }

    /// Milliseconds to a tenth.
    package static func milliseconds(_ value: Double) -> String {
        tenths(value) + " ms"
    }

    private static func scaled(_ value: Double, by step: Double, units: [String]) -> String {
        var value = value
        var index = 0
        // 1023.96 KiB would round to 1024.0 KiB, hence the margin.
        while index + 1 < units.count, value >= step - 0.05 {
            value /= step
            index += 1
        }
        let text = tenths(value)
        return "\(text.hasSuffix(".0") ? String(text.dropLast(2)) : text) \(units[index])"
    }

    private static func tenths(_ value: Double) -> String {
        let tenths = Int(clamping: (value * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))"
    }
}

extension Int {
    /// The nearest integer; zero for what is no number.
    fileprivate init(clamping value: Double) {
        self = value.isNaN ? 0 : value >= 0x1p62 ? 1 << 62 : value <= -0x1p62 ? -(1 << 62) : Int(value)
    }
}
