// SPDX-License-Identifier: Apache-2.0
import Logging

extension StoreLocation {
    /// Opens the store and reads it. `newCounter` is the restart counter of who begins with nothing; `file` and
    /// `keyPath` say where the configuration names the store.
    func start(
        newCounter: UInt32,
        file: String,
        keyPath: String,
        logger: Logger
    ) throws(ConfigurationError) -> (store: any BindingStore, contents: StoreContents)? {
        switch self {
        case .memory: return nil
        case .file(let path):
            do throws(StoreFailure) {
                let store = try SQLiteStore(path: path, newCounter: newCounter)
                let contents = try store.load()
                for loss in contents.losses { logger.error("\(loss)") }
                return (store, contents)
            } catch {
                throw ConfigurationError(
                    file: file,
                    line: nil,
                    keyPath: keyPath,
                    problem: error.problem,
                    hint: error.hint
                )
            }
        }
    }
}
