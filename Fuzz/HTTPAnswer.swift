// SPDX-License-Identifier: Apache-2.0
import Console

/// An answer from whoever owns the management socket: however the network cuts it up, it means the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func httpAnswer(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let octets = Array(UnsafeBufferPointer(start: start, count: count))
    guard let first = octets.first else { return 0 }
    let answer = Array(octets.dropFirst())
    let whole = read(answer, cutEvery: max(1, answer.count))
    let pieces = read(answer, cutEvery: 1 + Int(first & 31))
    // A fault that stands behind an answer's end is never looked at, nor one behind what is too long.
    if let whole, let pieces { precondition(whole == pieces, "means something else in pieces") }
    if whole != nil { precondition(pieces != nil, "is an answer at once and none in pieces") }
    return 0
}

/// The answer; nil if it is refused.
private func read(_ octets: [UInt8], cutEvery step: Int) -> HTTPAnswer? {
    var parser = HTTPAnswerParser()
    do throws(HTTPAnswerError) {
        for start in stride(from: 0, to: octets.count, by: step) {
            let piece = Array(octets[start..<min(start + step, octets.count)])
            if let answer = try parser.consume(piece) { return check(answer, of: octets.count) }
        }
        // The connection ends.
        return try parser.consume([]).map { check($0, of: octets.count) }
    } catch {
        _ = error.description
        return nil
    }
}

private func check(_ answer: HTTPAnswer, of count: Int) -> HTTPAnswer {
    precondition((100...599).contains(answer.status), "no status")
    precondition(answer.body.count <= count, "more than was sent")
    return answer
}
