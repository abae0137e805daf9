// SPDX-License-Identifier: Apache-2.0
package import LinuxIO
package import Wire

/// Looks up what an anchor's name stands for, each time on a thread of its own: the system's resolver makes its caller
/// wait, and nobody may wait on a reactor.
package enum AnchorResolver {
    /// `answer` is called on the reactor, once: with nothing if the name stands for nothing or nobody could tell.
    package static func resolve(
        _ name: String,
        by find: @escaping @Sendable (String) -> [IPAddress] = { HostLookup.addresses(of: $0) },
        on reactor: Reactor,
        answer: @escaping @Sendable ([IPAddress]) -> Void
    ) {
        do throws(SystemError) {
            try SystemThread.start {
                let addresses = find(name)
                reactor.post { answer(addresses) }
            }
        } catch {
            // No thread to be had: as good as no answer, and asked again later.
            reactor.post { answer([]) }
        }
    }
}
