// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Glibc

/// What all `plait show` commands understand.
struct ShowOptions: ParsableArguments {
    @Option(help: "The daemon's management socket.")
    var socket: String?

    @Flag(help: "Print the daemon's JSON instead of a table.")
    var json = false

    @Flag(help: "Print anew every second until interrupted.")
    var watch = false

    /// Prints a resource, once or again and again.
    func show<Row: Decodable>(
        _ resource: API.Resource,
        as table: (_ rows: [Row]) -> Table
    ) async throws {
        repeat {
            do throws(ClientError) {
                let client = ManagementClient(socketPath: try SocketLocation.find(named: socket))
                let text =
                    json
                    ? String(decoding: try client.get(resource), as: UTF8.self) + "\n"
                    : table(try client.get(resource, as: [Row].self)).text
                // A terminal is redrawn in place; into a file or pipe the answers follow one another.
                let redraw = watch && isatty(STDOUT_FILENO) == 1 ? "\u{1B}[H\u{1B}[2J" : ""
                FileOutput.standardOutput.write(redraw + text)
            } catch {
                FileOutput.standardError.write("plait: \(error)\n")
                throw error.meansNoDaemon ? ExitCode(2) : ExitCode(1)
            }
            if watch { try await Task.sleep(for: .seconds(1)) }
        } while watch
    }
}
