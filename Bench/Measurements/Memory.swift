// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What processes take of the machine's memory.
enum Memory {
    /// Of this process.
    static var residentOctets: Int { residentOctets(of: getpid()) }

    /// 0 of a process that is not there.
    static func residentOctets(of process: pid_t) -> Int {
        guard let file = fopen("/proc/\(process)/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let pages = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self).split(separator: " ")
        return pages.count > 1 ? (Int(pages[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
    }
}
