// SPDX-License-Identifier: Apache-2.0

extension AnchorProposal {
    /// Writes the configuration and, beside it, the enrolments; returns what the operator should know. Nothing is written
    /// that `plait check` would refuse.
    package func write(to path: String, overwriting isForced: Bool) throws -> String {
        _ = try ConfigurationFile.parse(yaml, file: path)
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().map { "\($0)/" }.joined()
        var files = [(path: path, text: yaml)]
        var steps: [String] = []
        for enrolment in enrolments {
            _ = try Enrolment.parse(enrolment.yaml, file: path)
            let file = "\(folder)\(enrolment.fileName)"
            // Names that differ may be one as a file's.
            guard !files.contains(where: { $0.path == file }) else { throw Problem.sameName(enrolment.identifier) }
            files.append((file, enrolment.yaml))
            steps.append(
                "Carry \(file) to \(enrolment.identifier), and run there: plait mag init --enrolment \(enrolment.fileName)"
            )
        }
        try ConfigurationOutput(isForced: isForced).write(files)
        let start = "Start the anchor: plait lma run --config \(path)"
        return (remarks + ["Written: \(files.map(\.path).joined(separator: ", "))", start] + steps).lines
    }
}

extension GatewayProposal {
    /// Writes the configuration; returns what the operator should know. Nothing is written that `plait check` would refuse.
    package func write(to path: String, overwriting isForced: Bool) throws -> String {
        _ = try ConfigurationFile.parse(yaml, file: path)
        try ConfigurationOutput(isForced: isForced).write([(path, yaml)])
        return (remarks + ["Written: \(path)", "Start the gateway: plait mag run --config \(path)"]).lines
    }
}

extension Enrolment {
    /// Of letters that no file system and no shell minds.
    var fileName: String {
        let plain = identifier.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "-" }
        return "\(String(plain)).enrolment.yaml"
    }
}

extension [String] {
    fileprivate var lines: String { map { "\($0)\n" }.joined() }
}
