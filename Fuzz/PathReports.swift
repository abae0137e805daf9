// SPDX-License-Identifier: Apache-2.0
import Wire

/// Reports as they may come from a tunnel: octets without the key, and anything at all under a right tag.
@_cdecl("LLVMFuzzerTestOneInput")
public func pathReports(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let octets = Array(UnsafeBufferPointer(start: start, count: count))
    let key = SipKey(k0: 1, k1: 2)
    // Found by chance once in 2⁶⁴ tries, so never.
    precondition(PathReport(octets.span.bytes, key: key) == nil, "takes octets for a report")
    let tag = SipHash.tag(of: octets, key: key)
    let tagged = octets + (0..<8).map { UInt8(truncatingIfNeeded: tag >> UInt64(56 - 8 * $0)) }
    let report = PathReport(tagged.span.bytes, key: key)
    precondition(report == PathReport(untagged: tagged.span.bytes), "means something else under its tag")
    guard let report else { return 0 }
    let again = report.octets(key: key)
    precondition(again.count == tagged.count, "has another length once encoded")
    precondition(PathReport(again.span.bytes, key: key) == report, "means something else once encoded")
    precondition(report.probe.bindingIdentifier == report.bindingIdentifier, "proves another path")
    _ = report.fields.map(\.value.description) + report.receptions.flatMap(\.fields).map(\.value.description)
    _ = report.runsText
    return 0
}
