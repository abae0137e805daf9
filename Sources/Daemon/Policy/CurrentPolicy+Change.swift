// SPDX-License-Identifier: Apache-2.0
import API

extension CurrentPolicy {
    /// Takes the rules of a file in place of those in force, or none of them; returns what became of each.
    mutating func change(_ request: API.PolicyRequest, of daemon: String) throws(API.CommandFailure)
        -> [API.GatewayAnswer]
    {
        let rules: [PolicyRule]
        do throws(ConfigurationError) {
            rules = try PolicyFile.parse(request.text, file: request.file, of: owner)
        } catch {
            throw .unacceptable("\(error)")
        }
        return replace(by: rules, from: request.file).map { change in
            API.GatewayAnswer(gateway: daemon, subject: change.rule, outcome: change.kind.rawValue, isDone: true)
        }
    }
}
