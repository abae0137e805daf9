// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Reads and writes the kernel's settings, in the calling thread's network namespace.
package enum Sysctl {
    private static let capacity = 4096

    /// The value without the line's end.
    package static func read(_ setting: KernelSetting) throws(SystemError) -> String {
        var text = try contents(of: "/proc/sys/\(setting.path)")
        while text.last == "\n" { text.removeLast() }
        return text
    }

    /// Sets the value and returns the one before, for putting it back.
    @discardableResult
    package static func write(_ value: String, to setting: KernelSetting) throws(SystemError) -> String {
        let previous = try read(setting)
        guard previous != value else { return previous }
        let file = try FileDescriptor(
            open("/proc/sys/\(setting.path)", O_WRONLY | O_CLOEXEC),
            call: "open",
            subject: setting.path
        )
        let octets = Array(value.utf8)
        let written = octets.withUnsafeBytes { Glibc.write(file.raw, $0.baseAddress, $0.count) }
        guard written == octets.count else { throw SystemError(call: "write", subject: setting.path) }
        return previous
    }

    /// A small file's text.
    static func contents(of path: String) throws(SystemError) -> String {
        let file = try FileDescriptor(open(path, O_RDONLY | O_CLOEXEC), call: "open", subject: path)
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: capacity)
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(file.raw, $0.baseAddress, $0.count) }
            guard count >= 0 else { throw SystemError(call: "read", subject: path) }
            guard count > 0 else { return String(decoding: octets, as: UTF8.self) }
            octets += chunk.prefix(count)
        }
    }
}
