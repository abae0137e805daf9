// SPDX-License-Identifier: Apache-2.0

/// The events that every engine knows.
package protocol EngineEvent {
    static func received(_ datagram: Datagram) -> Self
    static var deadline: Self { get }
    static func pathCondition(_ path: PathIdentifier, _ condition: PathCondition) -> Self
    static func sequenceAdvanced(_ session: SessionIdentifier, _ sequence: UInt32) -> Self
    static func storeChanged(isWell: Bool) -> Self
}

extension LocalMobilityAnchor.Event: EngineEvent {}
extension MobileAccessGateway.Event: EngineEvent {}
