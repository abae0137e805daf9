// SPDX-License-Identifier: Apache-2.0
import API
import Management

/// A daemon's state with one of everything.
enum SampleState {
    static let binding = API.Binding(
        mobileNode: "cpe1@example.net",
        gateway: "mag1@example.net",
        homeNetworkPrefixes: ["2001:db8:1234::/64"],
        delegatedPrefixes: ["2001:db8:5600::/56", "10.20.0.0/24"],
        state: "active",
        multipath: true,
        bindingIdentifiers: [1, 2],
        lifetimeSeconds: 3600,
        remainingSeconds: 3540
    )
    static let path = API.Path(
        mobileNode: "cpe1@example.net",
        bindingIdentifier: 1,
        label: 11,
        accessTechnology: "e-utran",
        localAddress: "2001:db8:100::1",
        remoteAddress: "2001:db8:a::2",
        encapsulation: "gre-ipv6",
        registration: "registered",
        condition: "up",
        roundTripMilliseconds: 41.26,
        rateBitsPerSecond: 50_000_000,
        sent: API.Traffic(packets: 70000, octets: 100_000_000),
        received: API.Traffic(packets: 35000, octets: 1_820_000),
        remainingSeconds: 3540
    )
    static let flow = API.Flow(
        mobileNode: "cpe1@example.net",
        tuple: "tcp 10.0.0.1:5000 > 10.1.0.1:80",
        bindingIdentifier: 2,
        rule: "web",
        reason: "the rule's first choice",
        packets: 12,
        octets: 999,
        idleSeconds: 0.25
    )
    static let rule = API.PolicyRule(
        rule: "web",
        owner: .site,
        matches: ["remote-port 80 443", "dscp 46"],
        treatment: "pin",
        labels: [9, 11],
        strict: true,
        maximumBitsPerSecond: 5_000_000,
        flowIdentifiers: [1, 2, 3],
        state: "agreed",
        source: "configuration",
        sent: API.Traffic(packets: 3, octets: 2048),
        received: API.Traffic(packets: 1, octets: 100),
        droppedPackets: 2
    )
    static let counter = API.Counter(name: "datagrams_received", description: "Signalling datagrams.", value: 17)
    static let setting = API.Setting(
        setting: "net/ipv6/conf/wan1/accept_ra",
        was: "1",
        value: "2",
        isNow: "2",
        why: "a forwarding machine takes router advertisements only so"
    )
    static let explanation = API.FlowExplanation(
        mobileNode: "cpe1@example.net",
        rule: "web",
        owner: .site,
        flowIdentifier: 1,
        treatment: "pin",
        bindingIdentifier: 2,
        label: 9,
        link: "wan2",
        reason: "the rule's first choice"
    )
    static let status = API.Status(
        role: .anchor,
        name: "lma1",
        version: "0.1.0",
        uptimeSeconds: 60.5,
        bindings: [binding],
        paths: [path],
        flows: [flow],
        policy: [rule],
        counters: [counter],
        settings: [setting]
    )
}

struct SampleBackend: ManagementBackend {
    func status() async -> API.Status { SampleState.status }

    /// Of nodes only.
    func perform(_ command: API.Command) async throws(API.CommandFailure) -> [API.GatewayAnswer] {
        switch command {
        case .revoke(let request):
            guard let node = request.mobileNode else { throw .notFound("nobody") }
            return [answer(node, "\(request.bindingIdentifier ?? 0)")]
        case .notify(let request):
            guard let node = request.mobileNode else { throw .anchorsOnly }
            return [answer(node, request.reason.rawValue)]
        case .attach(let request): return [answer(request.mobileNode, "attached to \(request.link ?? "any link")")]
        case .detach: throw .gatewaysOnly
        case .setPolicy(let request):
            guard request.text.hasPrefix("policy:") else { throw .unacceptable("\(request.file):1: unknown key") }
            return [answer("web", "added")]
        }
    }

    /// Of TCP only.
    func explain(_ question: API.FlowQuestion) async throws(API.CommandFailure) -> API.FlowExplanation {
        guard question.tuple.hasPrefix("tcp") else { throw .notFound(question.tuple) }
        return SampleState.explanation
    }

    private func answer(_ node: String, _ outcome: String) -> API.GatewayAnswer {
        API.GatewayAnswer(gateway: "mag1@example.net", subject: node, outcome: outcome, isDone: true)
    }
}
