// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser

/// What all commands that change something understand.
struct CommandOptions: ParsableArguments {
    /// Gateways may be asked twice and more before they are given up.
    private static let patience = Duration.seconds(60)

    static let exitCodes = """
        Exit codes: 0 it is done; 1 it is not, or not everywhere, or the daemon answered with a problem, not in time, or \
        not intelligibly; 2 there is no daemon; 64 the command line is wrong.
        """

    @Option(help: "The daemon's management socket.")
    var socket: String?

    @Flag(help: "Print the daemon's JSON instead of a table.")
    var json = false

    /// Has it done and prints what each gateway answered.
    func perform(
        _ command: API.Command,
        as table: ([API.GatewayAnswer]) -> Table = \.table
    ) throws {
        let answers: [API.GatewayAnswer]
        do throws(ClientError) {
            let client = ManagementClient(
                socketPath: try SocketLocation.find(named: socket),
                timeout: Self.patience
            )
            let body = try client.perform(command)
            answers = try client.decode(body, as: [API.GatewayAnswer].self)
            FileOutput.standardOutput.write(json ? String(decoding: body, as: UTF8.self) + "\n" : table(answers).text)
        } catch {
            FileOutput.standardError.write("plait: \(error)\n")
            throw error.meansNoDaemon ? ExitCode(2) : ExitCode(1)
        }
        guard answers.allSatisfy(\.isDone) else { throw ExitCode(1) }
    }
}
