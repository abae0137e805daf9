// SPDX-License-Identifier: Apache-2.0
package import Mobility
import Wire

/// One anchor of a virtual domain, with what must be true of it.
package struct DomainAnchor: Sendable {
    package private(set) var settings: AnchorSettings
    package var engine: LocalMobilityAnchor
    package var ledger = Ledger()
    /// Neither hears nor notices anything until it comes back.
    package internal(set) var isDead = false
    /// No network leads to it.
    package var isAlone = false
    var model: RegistrationModel
    /// Of the last virtual second.
    var pace = Pace()
    /// Over the same store.
    private var starts: UInt32 = 1

    init(_ settings: AnchorSettings, seed: UInt64) {
        self.settings = settings
        engine = LocalMobilityAnchor(settings, seed: seed)
        model = RegistrationModel(settings)
    }

    /// With nothing.
    mutating func beginsAnew(seed: UInt64) {
        settings.restartCounter += 1
        engine = LocalMobilityAnchor(settings, seed: seed)
        ledger = Ledger()
        starts = 1
        model = RegistrationModel(settings)
        isDead = false
    }

    /// With what it stored.
    mutating func comesBack(seed: UInt64, at now: Moment) -> [Action] {
        starts += 1
        let stored = ledger.stored(start: starts)
        engine = LocalMobilityAnchor(settings, seed: seed)
        ledger = Ledger(storing: stored)
        model.anchorCameBack(at: now.instant)
        isDead = false
        return engine.restore(stored, at: now)
    }
}
