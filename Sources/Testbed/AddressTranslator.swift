// SPDX-License-Identifier: Apache-2.0
package import Mobility
package import Wire

/// A home router with one public address: gives each inner end a port of its own towards each outer one, forgets it
/// when it was not used for a while, and lets in only what answers (RFC 4787: address- and port-dependent).
package struct AddressTranslator: Sendable {
    private struct End: Equatable, Sendable {
        var address: IPAddress
        var port: UInt16
    }

    private struct Mapping: Sendable {
        var inner: End
        var remote: End
        var outerPort: UInt16
        var usedAt: Instant
    }

    package private(set) var outerAddress: IPAddress
    package var timeout: Duration
    private var mappings: [Mapping] = []
    private var nextPort: UInt16

    package init(outerAddress: IPAddress, timeout: Duration = .seconds(30), firstPort: UInt16 = 40_000) {
        self.outerAddress = outerAddress
        self.timeout = timeout
        nextPort = firstPort
    }

    /// Forgets everything; its next mappings have other ports, and the address is another if one is given.
    package mutating func rebinds(to address: IPAddress? = nil) {
        mappings = []
        outerAddress = address ?? outerAddress
    }

    /// nil: only UDP is translated.
    package mutating func outward(_ datagram: Datagram, at now: Instant) -> Datagram? {
        guard let ports = datagram.ports else { return nil }
        let inner = End(address: datagram.source, port: ports.source)
        let remote = End(address: datagram.destination, port: ports.destination)
        mappings.removeAll { $0.usedAt + timeout < now }
        if !mappings.contains(where: { $0.inner == inner && $0.remote == remote }) {
            mappings.append(Mapping(inner: inner, remote: remote, outerPort: nextPort, usedAt: now))
            nextPort += 1
        }
        guard let index = mappings.firstIndex(where: { $0.inner == inner && $0.remote == remote }) else { return nil }
        mappings[index].usedAt = now
        var translated = datagram
        translated.source = outerAddress
        translated.ports?.source = mappings[index].outerPort
        return translated
    }

    /// nil: nobody inside has asked for it.
    package func inward(_ datagram: Datagram, at now: Instant) -> Datagram? {
        guard let ports = datagram.ports else { return nil }
        let remote = End(address: datagram.source, port: ports.source)
        let mapping = mappings.first {
            $0.outerPort == ports.destination && $0.remote == remote && $0.usedAt + timeout >= now
        }
        guard let mapping else { return nil }
        var translated = datagram
        translated.destination = mapping.inner.address
        translated.ports?.destination = mapping.inner.port
        return translated
    }
}
