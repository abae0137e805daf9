// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Where the daemon to be asked has its socket.
package enum SocketLocation {
    /// Where the daemons' configurations usually put their sockets.
    package static let directory = "/run/plait"

    /// The socket named on the command line, else `$PLAIT_SOCKET`, else the only one in ``directory``.
    package static func find(named path: String?) throws(ClientError) -> String {
        if let path { return path }
        if let value = getenv("PLAIT_SOCKET"), value.pointee != 0 { return String(cString: value) }
        return try only(in: directory)
    }

    /// The only `*.sock` of a directory.
    package static func only(in directory: String) throws(ClientError) -> String {
        var paths: [String] = []
        if let stream = opendir(directory) {
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { octets in
                    String(decoding: octets.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name.hasSuffix(".sock") { paths.append("\(directory)/\(name)") }
            }
        } else if errno == EACCES {
            throw .notPermitted(path: directory)
        }
        guard paths.count <= 1 else { throw .severalSockets(paths.sorted()) }
        guard let path = paths.first else { throw .noSocketFound(directory: directory) }
        return path
    }
}
