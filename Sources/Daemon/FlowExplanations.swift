// SPDX-License-Identifier: Apache-2.0
import API
import Forwarding
import LinuxIO
import Mobility
import Wire

extension Forwarding.FlowQuestion {
    /// Throws what is wrong with it.
    init(_ question: API.FlowQuestion) throws(API.CommandFailure) {
        guard let tuple = FiveTuple(question.tuple) else {
            throw .malformed("tuple \"\(question.tuple)\": expected such as \"tcp 10.20.0.2:5000 > 192.0.2.1:80\"")
        }
        guard let codePoint = UInt8(exactly: question.codePoint ?? 0), codePoint < 64 else {
            throw .malformed("codePoint \(question.codePoint ?? 0): expected 0 to 63")
        }
        guard let flowLabel = UInt32(exactly: question.flowLabel ?? 0), flowLabel <= 0xF_FFFF else {
            throw .malformed("flowLabel \(question.flowLabel ?? 0): expected 0 to 1048575")
        }
        var index: UInt32?
        if let given = question.securityParameterIndex {
            index = UInt32(exactly: given)
            guard index != nil else { throw .malformed("securityParameterIndex \(given): expected 0 to 4294967295") }
        }
        self.init(
            tuple: tuple,
            codePoint: DifferentiatedServicesCodePoint(codePoint),
            flowLabel: FlowLabel(flowLabel),
            securityParameterIndex: index
        )
    }
}

extension DataPlane {
    /// What the worker has found, under the names of `sessions`.
    func explanation(
        _ found: Forwarding.FlowExplanation?,
        of question: API.FlowQuestion,
        _ sessions: [Mobility.SessionSnapshot]
    ) throws(API.CommandFailure) -> API.FlowExplanation {
        guard let found, let session = identifier(of: found.session) else {
            throw .notFound("neither end of \(question.tuple) is a mobile node's")
        }
        let leg = found.path.flatMap { identifier(of: $0) }.flatMap { path in
            sessions.first { $0.identifier == session }?.legs.first { $0.identifier == path }
        }
        return API.FlowExplanation(
            mobileNode: "\(session)",
            rule: found.rule?.shownName,
            owner: found.rule.map { $0.isAnchors ? .anchor : .site },
            flowIdentifier: found.rule.map { Int($0.identifier) },
            treatment: found.rule.map { "\($0.treatment)" },
            bindingIdentifier: leg?.identifier.binding.map { Int($0.rawValue) },
            label: leg.flatMap { $0.interfaceLabel == 0 ? nil : Int($0.interfaceLabel) },
            link: leg?.interface,
            reason: found.reason.words(at: SystemClock.now())
        )
    }
}
