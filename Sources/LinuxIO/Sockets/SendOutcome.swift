// SPDX-License-Identifier: Apache-2.0
package import Wire

/// What became of a batch of packets. Allocates nothing unless a packet failed.
package struct SendOutcome {
    /// Why the kernel refused packets to a destination.
    package struct Failure: Equatable {
        package let destination: IPAddress
        /// The error number: `ENETUNREACH`, `EHOSTUNREACH`, `ENETDOWN`, `EPERM` …
        package let errno: Int32
        package internal(set) var packets: Int
    }

    /// Packets that the kernel took, and their octets without the outer IP and UDP headers.
    package internal(set) var sent = 0
    package internal(set) var octets = 0
    /// Packets thrown away because the socket's or the device's queue was full.
    package internal(set) var congested = 0
    /// Packets that were refused, by destination and reason.
    package internal(set) var failures: [Failure] = []

    package init() {}

    mutating func fail(_ destination: IPAddress, _ errno: Int32) {
        if let index = failures.firstIndex(where: { $0.destination == destination && $0.errno == errno }) {
            failures[index].packets += 1
        } else {
            failures.append(Failure(destination: destination, errno: errno, packets: 1))
        }
    }
}
