// SPDX-License-Identifier: Apache-2.0
import Glibc
import Lab

/// A file system of a test's own, which can be filled to the last octet, or break as a disk does.
final class ScratchDisk: Sendable {
    enum Kind: Sendable {
        /// In memory, of so many mebibytes.
        case small(Int)
        /// An ext4 in a file, which goes read-only at the first error.
        case breakable
    }

    /// A machine without loop devices, such as most containers, has none to break.
    static var canBreak: Bool { access("/dev/loop-control", F_OK) == 0 }

    private let folder: ScratchFolder
    private let image: ScratchFolder

    static func with(_ kind: Kind, _ test: (ScratchDisk) async throws -> Void) async throws {
        let disk = ScratchDisk(folder: try ScratchFolder(), image: try ScratchFolder())
        switch kind {
        case .small(let size):
            try await Command.run(["mount", "-t", "tmpfs", "-o", "size=\(size)m", "plait", disk.path])
        case .breakable:
            try await Command.run(["truncate", "-s", "8M", disk.imagePath])
            try await Command.run(["mkfs.ext4", "-q", "-O", "^has_journal", disk.imagePath])
            try await disk.mount(disk.imagePath)
        }
        do {
            try await test(disk)
        } catch {
            await disk.unmount()
            throw error
        }
        await disk.unmount()
    }

    private init(folder: ScratchFolder, image: ScratchFolder) {
        self.folder = folder
        self.image = image
    }

    var path: String { folder.path }
    private var imagePath: String { "\(image.path)/image" }

    private func mount(_ image: String) async throws {
        try await Command.run(["mount", "-o", "loop,errors=remount-ro", image, path])
    }

    private func unmount() async { _ = try? await Command.attempt(["umount", "--lazy", path]) }

    /// Nothing more goes into it.
    func fill() {
        let file = open("\(path)/rest", O_WRONLY | O_CREAT, 0o600)
        defer { close(file) }
        for size in [1 << 16, 1] {
            let octets = [UInt8](repeating: 7, count: size)
            while write(file, octets, size) > 0 {}
        }
    }

    /// There is room again.
    func clear() { unlink("\(path)/rest") }

    /// What the kernel does when a write to it fails: it is read-only from now on, for whoever has files of it open, too.
    func breaks() async throws { try await Command.run(["mount", "-o", "remount,abort", path]) }

    /// As after another start of the machine: what had been written is there, and checked.
    func isMountedAnew() async throws {
        // Programs that other tests have started elsewhere may keep the broken one for a while.
        await unmount()
        try await Command.run(["cp", imagePath, "\(imagePath)-anew"])
        _ = try await Command.attempt(["e2fsck", "-fy", "\(imagePath)-anew"])
        try await mount("\(imagePath)-anew")
    }
}
