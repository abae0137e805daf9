// SPDX-License-Identifier: Apache-2.0
import Wire

/// Responses of the DNS, as they pass a gateway: whatever comes, it is read in bounded time, and says nothing of names that
/// nobody asked for.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let octets = Array(UnsafeBufferPointer(start: bytes, count: count))
    guard let response = try? DNSResponse(decoding: octets) else { return 0 }
    precondition((1...16).contains(response.names.count))
    precondition(response.names.allSatisfy { $0.utf8.count < 255 && $0 == $0.lowercased() })
    precondition(response.addresses.count * 12 <= count)
    return 0
}
