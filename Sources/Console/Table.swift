// SPDX-License-Identifier: Apache-2.0

/// Rows under a head, in aligned columns with two blanks between them.
package struct Table: Sendable {
    /// A column's head and the side on which its cells are aligned.
    package struct Column: Sendable {
        package var head: String
        package var isNumeric: Bool

        package static func text(_ head: String) -> Column { Column(head: head, isNumeric: false) }
        /// Aligned on the right, so that digits of equal weight stand below one another.
        package static func number(_ head: String) -> Column { Column(head: head, isNumeric: true) }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    package init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row. Missing cells are blank, surplus ones are left out; an empty cell shows as `-`.
    package mutating func add(_ cells: [String]) {
        let shown = cells.prefix(columns.count).map { $0.isEmpty ? "-" : Self.printable($0) }
        rows.append(shown + Array(repeating: "-", count: columns.count - shown.count))
    }

    /// The lines, each ended by a line feed.
    package var text: String {
        let widths = columns.indices.map { index in
            rows.reduce(columns[index].head.count) { max($0, $1[index].count) }
        }
        let lines = [columns.map(\.head)] + rows
        return lines.map { line in
            var text = ""
            for (index, cell) in line.enumerated() {
                let padding = String(repeating: " ", count: widths[index] - cell.count)
                text += index == 0 ? "" : "  "
                text += columns[index].isNumeric ? padding + cell : cell + padding
            }
            while text.last == " " { text.removeLast() }
            return text + "\n"
        }.joined()
    }

    /// Identifiers come from peers: control characters in them must not reach the operator's terminal.
    private static func printable(_ cell: String) -> String {
        String(String.UnicodeScalarView(cell.unicodeScalars.map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
            default: scalar
            }
        }))
    }
}
