// SPDX-License-Identifier: Apache-2.0
import LinuxIO

/// A file that is good in itself may ask for what the machine does not have: then the key is named, too.
extension ConfigurationError {
    init(_ error: SystemError, file: String, keyPath: String) {
        self.init(file: file, line: nil, keyPath: keyPath, problem: "\(error)")
    }

    init(_ failure: FilterFailure, file: String, keyPath: String) {
        self.init(file: file, line: nil, keyPath: keyPath, problem: failure.problem, hint: failure.hint)
    }

    static func blaming<Value>(
        _ keyPath: String,
        in file: String,
        _ body: () throws(SystemError) -> sending Value
    ) throws(ConfigurationError) -> sending Value {
        do throws(SystemError) {
            return try body()
        } catch {
            throw ConfigurationError(error, file: file, keyPath: keyPath)
        }
    }
}
