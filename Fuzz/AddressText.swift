// SPDX-License-Identifier: Apache-2.0
import Wire

/// Addresses and prefixes as an operator writes them: what is read is written so that it is read again.
@_cdecl("LLVMFuzzerTestOneInput")
public func addressText(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    if let address = IPAddress(text) {
        precondition(IPAddress("\(address)") == address, "is another address once written")
    }
    if let prefix = IPPrefix(text) {
        precondition(IPPrefix("\(prefix)") == prefix, "is another prefix once written")
        precondition(prefix.contains(prefix.address), "does not contain itself")
    }
    return 0
}
