// SPDX-License-Identifier: Apache-2.0
import LinuxIO
import Mobility
import Wire

/// Keeps the kernel in step with what the rules of the site's session say of traffic past the anchor. Belongs to the control
/// plane's thread.
final class BypassControl {
    private let site: SessionIdentifier?
    private let wans: [WANConfiguration]
    private let network: GatewayNetwork
    private var rules: [FlowRule] = []
    private var families: [UInt8: Set<AddressFamily>] = [:]
    /// From the first rule on: flows that it let out end where they began, even without it.
    private var isInUse = false
    private var poor: Set<String> = []
    /// Called when that begins: the access networks are to be looked at.
    var begins: () -> Void = {}

    init(_ configuration: GatewayConfiguration, _ network: GatewayNetwork) {
        site = configuration.mobileNode.map {
            SessionIdentifier(mobileNode: NodeIdentifier(nai: $0.identifier))
        }
        wans = configuration.wans
        self.network = network
    }

    /// The engine's word about what is forwarded.
    func follow(_ change: SessionChange) {
        switch change {
        case .install(let session): if session.identifier == site { rules = session.rules }
        case .remove(let session): if session == site { rules = [] }
        case .installPath, .removePath: break
        }
    }

    /// By which access networks packets of which families could leave, by their numbers.
    func exitsChanged(_ exits: [UInt8: Set<AddressFamily>]) {
        families = exits
        settle()
    }

    /// The names are those of access networks whose path is silent, or whose quota is used up.
    func settle(poor: Set<String>? = nil) {
        if let poor { self.poor = poor }
        if !isInUse {
            guard rules.contains(where: { $0.treatment == .bypass }) else { return }
            isInUse = true
            begins()
        }
        let exits = wans.map { wan in
            NetworkExit(
                number: wan.bindingIdentifier,
                label: wan.label,
                families: families[wan.bindingIdentifier] ?? [],
                isPoor: self.poor.contains(wan.name)
            )
        }
        network.bypass(BypassPlan(rules, exits: exits))
    }
}
