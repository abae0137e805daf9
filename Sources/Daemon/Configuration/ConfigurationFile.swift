// SPDX-License-Identifier: Apache-2.0
import Glibc
import Yams

/// Reads configuration files: YAML text becomes validated values, or an error that names the line and the key.
package enum ConfigurationFile {
    /// In octets. A file that is longer is no configuration.
    private static let sizeLimit = 1 << 20

    /// Reads a file of either daemon.
    package static func load(_ path: String) throws(ConfigurationError) -> Configuration {
        try parse(try text(of: path), file: path)
    }

    /// Reads the text of a file.
    ///
    /// - Parameter file: the name to be given in errors.
    package static func parse(_ yaml: String, file: String) throws(ConfigurationError) -> Configuration {
        try Configuration(try root(of: yaml, file: file, keys: ["lma", "mag"]))
    }

    /// `keys` are those that the top may have, for the error about an empty file.
    static func root(of yaml: String, file: String, keys: [String]) throws(ConfigurationError) -> ConfigurationNode {
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            throw ConfigurationError(error, file: file)
        } catch {
            throw ConfigurationError(file: file, line: nil, keyPath: "", problem: "is not YAML: \(error)")
        }
        guard let root else {
            throw ConfigurationError(
                file: file,
                line: nil,
                keyPath: "",
                problem: "is empty",
                hint: "it needs one of the keys \(keys.joined(separator: ", "))"
            )
        }
        return ConfigurationNode(root, file: file)
    }

    /// What `plait check` prints, and whether the file is good.
    package static func check(_ path: String) -> (isGood: Bool, text: String) {
        do {
            return (true, "\(path): good: \(try load(path).summary)")
        } catch {
            return (false, error.description)
        }
    }

    static func text(of path: String) throws(ConfigurationError) -> String {
        func failure(_ problem: String) -> ConfigurationError {
            ConfigurationError(file: path, line: nil, keyPath: "", problem: problem)
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot be opened: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var octets: [UInt8] = []
        while true {
            var chunk = [UInt8](repeating: 0, count: 65536)
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("cannot be read: \(String(cString: strerror(errno)))") }
            if count == 0 { break }
            octets += chunk.prefix(count)
            guard octets.count <= sizeLimit else { throw failure("is longer than 1 MiB and hence no configuration") }
        }
        guard let text = String(validating: octets, as: UTF8.self) else { throw failure("is not UTF-8 text") }
        return text
    }
}

extension ConfigurationError {
    /// What the YAML parser found, without its drawing of the place.
    fileprivate init(_ error: YamlError, file: String) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self.init(file: file, line: mark.line, keyPath: "", problem: "is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let keys = duplicates.sorted()
            self.init(
                file: file,
                line: context.mark.line,
                keyPath: keys.first ?? "",
                problem: "the key occurs more than once in its section, first in this line"
            )
        case .reader(let problem, _, _, _):
            self.init(file: file, line: nil, keyPath: "", problem: "is not YAML: \(problem)")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            self.init(file: file, line: nil, keyPath: "", problem: "is not YAML: \(error)")
        }
    }
}
