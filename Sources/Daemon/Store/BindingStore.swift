// SPDX-License-Identifier: Apache-2.0
package import Mobility

/// Where an engine's sessions outlive the process. Memory is the truth: the store is read once, at the start. Belongs
/// to one thread.
package protocol BindingStore: AnyObject {
    /// What the process before left; counts this start.
    func load() throws(StoreFailure) -> StoreContents
    /// All of them or none; when it returns they outlive the process, and the machine's power.
    func commit(_ changes: [StoredChange]) throws(StoreFailure)
    /// Nothing is committed after it.
    func close()
}
