// SPDX-License-Identifier: Apache-2.0
import API

extension CurrentPolicy {
    /// The rules of a file, all of which are good. Not on a control plane's thread: a large file takes its time.
    @concurrent static func rules(
        of request: API.PolicyRequest,
        for owner: PolicyOwner
    ) async throws(API.CommandFailure) -> [PolicyRule] {
        do throws(ConfigurationError) {
            return try PolicyFile.parse(request.text, file: request.file, of: owner)
        } catch {
            throw .unacceptable("\(error)")
        }
    }

    /// Takes them in place of those in force; returns what became of each.
    mutating func change(to rules: [PolicyRule], from file: String, of daemon: String) -> [API.GatewayAnswer] {
        replace(by: rules, from: file).map { change in
            API.GatewayAnswer(gateway: daemon, subject: change.rule, outcome: change.kind.rawValue, isDone: true)
        }
    }
}
