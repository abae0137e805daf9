// SPDX-License-Identifier: Apache-2.0
import Glibc
import LinuxIO
import Management

extension Journal {
    /// Takes hold of the journal before anything of the machine is touched: a second daemon with the same management socket
    /// ends here. `file` and `keyPath` say where the configuration names the socket.
    static func open(beside socket: String, file: String, keyPath: String) throws(ConfigurationError) -> Journal {
        func failure(_ problem: String, hint: String? = nil) -> ConfigurationError {
            ConfigurationError(file: file, line: nil, keyPath: keyPath, problem: problem, hint: hint)
        }
        do {
            try ParentDirectories.make(for: socket)
            return try Journal(beside: socket)
        } catch let error as SystemError where error.errno == EWOULDBLOCK {
            let process = Journal.holder(beside: socket).map { ", process \($0)," } ?? ""
            throw failure(
                "another daemon\(process) runs with \(socket)",
                hint: "stop it, or give this one another socket"
            )
        } catch {
            throw failure("\(error)")
        }
    }
}
