// SPDX-License-Identifier: Apache-2.0
import Wire

/// A mobility message from a socket: whatever decodes has fields to show and encodes to the octets it came from.
@_cdecl("LLVMFuzzerTestOneInput")
public func decodeMessage(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let octets = Array(UnsafeBufferPointer(start: start, count: count))
    readOptions(octets)
    do throws(DecodeError) {
        let header = try MobilityHeader(decoding: octets)
        precondition(header.octets == octets, "encodes otherwise than it came")
        show(header.message.fields)
        show(header.message.options)
        checkNormalized(header)
    } catch {
        _ = error.description
    }
    return 0
}

/// As an option's vector stands: options alone.
private func readOptions(_ octets: [UInt8]) {
    var reader = ByteReader(octets)
    guard let options = try? MobilityOptions(decoding: &reader) else { return }
    show(options)
}

/// What we would make of the same options ourselves has the same meaning.
private func checkNormalized(_ header: MobilityHeader) {
    var own = header
    own.message.options = header.message.options.normalized
    // Other padding may take a message beyond Header Len's 2048 octets.
    guard own.octets.count <= 2048 else { return }
    do throws(DecodeError) {
        let again = try MobilityHeader(decoding: own.octets)
        precondition(again.message == own.message, "means something else once encoded")
    } catch {
        preconditionFailure("cannot be read once encoded: \(error)")
    }
}

private func show(_ options: MobilityOptions) {
    for option in options.all {
        _ = option.optionName
        show(option.fields)
    }
}

private func show(_ fields: [Field]) {
    for field in fields { _ = "\(field.name) \(field.value)" }
}
