// SPDX-License-Identifier: Apache-2.0

/// A packet capture in the classic pcap format: either byte order, micro- or nanoseconds.
///
/// ```
/// | magic (4) | version (4) | zone (4) | accuracy (4) | snapshot length (4) | link type (4) |
/// and for each frame
/// | seconds (4) | fraction (4) | octets here (4) | octets on the wire (4) | the octets |
/// ```
package struct CaptureFile: Sendable {
    package var linkType: LinkType
    package var frames: [CapturedFrame] = []
    /// Why reading stopped before the end; what came before is in `frames`.
    package var damage: CaptureError?

    /// No link that we look into carries longer frames; tcpdump's own bound.
    private static let longestFrame: UInt32 = 262_144
    private static let microseconds: UInt32 = 0xA1B2_C3D4
    private static let nanoseconds: UInt32 = 0xA1B2_3C4D
    private static let nextGeneration: UInt32 = 0x0A0D_0D0A

    /// Throws if the file's header is unreadable; frames are read up to the first damage.
    package init(_ octets: [UInt8]) throws(CaptureError) {
        guard let magic = Self.word(octets, at: 0, swapped: false) else { throw .notACapture }
        if magic == Self.nextGeneration { throw .nextGenerationFormat }
        let isSwapped = magic.byteSwapped == Self.microseconds || magic.byteSwapped == Self.nanoseconds
        let order = isSwapped ? magic.byteSwapped : magic
        guard order == Self.microseconds || order == Self.nanoseconds else { throw .notACapture }
        guard let type = Self.word(octets, at: 20, swapped: isSwapped) else { throw .truncated(offset: octets.count) }
        // The upper bits tell of a frame check sequence, not of the link.
        linkType = LinkType(rawValue: type & 0xFFFF)
        do throws(CaptureError) {
            var offset = 24
            while offset < octets.count {
                let scale: UInt32 = order == Self.microseconds ? 1000 : 1
                let frame = try Self.frame(
                    octets,
                    at: offset,
                    number: frames.count + 1,
                    scale: scale,
                    swapped: isSwapped
                )
                offset += 16 + frame.octets.count
                frames.append(frame)
            }
        } catch {
            damage = error
        }
    }

    private static func frame(
        _ octets: [UInt8],
        at offset: Int,
        number: Int,
        scale: UInt32,
        swapped: Bool
    ) throws(CaptureError) -> CapturedFrame {
        guard let seconds = word(octets, at: offset, swapped: swapped),
            let fraction = word(octets, at: offset + 4, swapped: swapped),
            let length = word(octets, at: offset + 8, swapped: swapped),
            let original = word(octets, at: offset + 12, swapped: swapped)
        else { throw .truncated(offset: octets.count) }
        guard length <= longestFrame else { throw .absurdLength(length, frame: number) }
        let start = offset + 16
        guard octets.count - start >= Int(length) else { throw .truncated(offset: octets.count) }
        let (nanoseconds, overflow) = fraction.multipliedReportingOverflow(by: scale)
        return CapturedFrame(
            number: number,
            seconds: seconds,
            nanoseconds: overflow ? 999_999_999 : min(nanoseconds, 999_999_999),
            originalLength: Int(original),
            octets: Array(octets[start..<start + Int(length)])
        )
    }

    private static func word(_ octets: [UInt8], at offset: Int, swapped: Bool) -> UInt32? {
        let word = octets.span.bytes.uint32(at: offset)
        return swapped ? word?.byteSwapped : word
    }
}
