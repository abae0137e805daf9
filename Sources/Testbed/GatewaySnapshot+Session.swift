// SPDX-License-Identifier: Apache-2.0
package import Mobility
import Wire

extension GatewaySnapshot {
    /// The first, which is the logical node's where there is one; of nobody where there is none.
    package var session: SessionSnapshot {
        let nobody = NodeIdentifier(nai: "")
        return sessions.first
            ?? SessionSnapshot(identifier: SessionIdentifier(mobileNode: nobody), gateway: nobody)
    }
}
