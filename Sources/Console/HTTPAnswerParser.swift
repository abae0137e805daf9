// SPDX-License-Identifier: Apache-2.0

/// Reads one HTTP/1.1 answer to a GET (RFC 9112) from octets as they arrive.
///
/// It understands the three ways in which a body ends: by Content-Length, by the last chunk, and by the
/// end of the connection. Everything else is refused; nothing is guessed.
package struct HTTPAnswerParser {
    /// In octets: several times what a daemon with a full flow table answers.
    package static let limit = 64 << 20
    /// In octets, for the status line and the header fields.
    package static let headLimit = 64 << 10
    /// In octets, for the line with a chunk's size, which has eight digits at most; its extensions are used by nobody.
    package static let chunkLineLimit = 256

    private enum Framing {
        case length(Int)
        case chunked
        case untilEnd
    }

    private struct Head {
        var status: Int
        var framing: Framing
        /// Where the body begins.
        var end: Int
    }

    private var octets: [UInt8] = []
    private var head: Head?
    /// What has been taken out of chunks, and where the next one begins.
    private var chunks: [UInt8] = []
    private var chunkStart = 0

    package init() {}

    /// Takes what arrived; no octets mean that the connection has ended.
    ///
    /// - Returns: the answer once it is complete.
    package mutating func consume(_ arrived: [UInt8]) throws(HTTPAnswerError) -> HTTPAnswer? {
        octets += arrived
        guard octets.count <= Self.limit else { throw .tooLong }
        if head == nil {
            head = try parseHead()
            guard head?.end ?? octets.count <= Self.headLimit else { throw .tooLong }
            chunkStart = head?.end ?? 0
        }
        if let head, let body = try body(after: head, ended: arrived.isEmpty) {
            return HTTPAnswer(status: head.status, body: body)
        }
        if arrived.isEmpty { throw .endsEarly }
        return nil
    }

    private mutating func body(after head: Head, ended: Bool) throws(HTTPAnswerError) -> [UInt8]? {
        switch head.framing {
        case .length(let length):
            // The difference cannot overflow, the sum could.
            guard octets.count - head.end >= length else { return nil }
            return Array(octets[head.end..<head.end + length])
        case .untilEnd:
            return ended ? Array(octets[head.end...]) : nil
        case .chunked:
            return try takeChunks() ? chunks : nil
        }
    }

    /// Takes all complete chunks (RFC 9112 §7.1); true once the last one was among them.
    private mutating func takeChunks() throws(HTTPAnswerError) -> Bool {
        while let line = line(from: chunkStart) {
            guard line.end - chunkStart <= Self.chunkLineLimit else { throw .badChunk }
            let digits = line.text.prefix { $0 != ";" }
            guard (1...8).contains(digits.utf8.count), digits.allSatisfy(\.isHexDigit),
                let size = Int(digits, radix: 16)
            else { throw .badChunk }
            if size == 0 { return try endsAfterTrailer(from: line.end) }
            guard octets.count - line.end >= size + 2 else { return false }
            let end = line.end + size
            guard octets[end] == 13, octets[end + 1] == 10 else { throw .badChunk }
            chunks += octets[line.end..<end]
            chunkStart = end + 2
        }
        guard octets.count - chunkStart < Self.chunkLineLimit else { throw .badChunk }
        return false
    }

    /// Trailer fields say nothing that is needed here; the empty line after them ends the answer.
    private func endsAfterTrailer(from start: Int) throws(HTTPAnswerError) -> Bool {
        var start = start
        while let line = line(from: start) {
            if line.text.isEmpty { return true }
            start = line.end
        }
        return false
    }

    private func parseHead() throws(HTTPAnswerError) -> Head? {
        guard octets.starts(with: Array("HTTP/1.".utf8).prefix(octets.count)) else { throw .badStatusLine }
        guard let first = line(from: 0) else { return nil }
        let status = try Self.status(first.text)
        var framing = Framing.untilEnd
        var start = first.end
        while let field = line(from: start) {
            start = field.end
            if field.text.isEmpty { return Head(status: status, framing: framing, end: start) }
            let parts = field.text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, !parts[0].contains(" ") else { throw .badHeaderField }
            let value = parts[1].drop { $0 == " " }
            switch (parts[0].lowercased(), framing) {
            case ("transfer-encoding", _):
                guard value.lowercased() == "chunked" else { throw .badHeaderField }
                framing = .chunked
            case ("content-length", .untilEnd):
                guard !value.isEmpty, value.utf8.allSatisfy({ (48...57).contains($0) }), let length = Int(value)
                else { throw .badContentLength }
                framing = .length(length)
            // RFC 9112 §6.3: chunks override a length; two lengths are a fault.
            case ("content-length", .length): throw .badContentLength
            default: break
            }
        }
        return nil
    }

    private static func status(_ line: String) throws(HTTPAnswerError) -> Int {
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0] == "HTTP/1.1" || parts[0] == "HTTP/1.0", parts[1].utf8.count == 3,
            let status = Int(parts[1]), (100...599).contains(status)
        else { throw .badStatusLine }
        return status
    }

    /// The line that begins there, without its end, and where the next one begins; nil if it is incomplete.
    private func line(from start: Int) -> (text: String, end: Int)? {
        guard start <= octets.count, let feed = octets[start...].firstIndex(of: 10) else { return nil }
        let end = feed > start && octets[feed - 1] == 13 ? feed - 1 : feed
        return (String(decoding: octets[start..<end], as: UTF8.self), feed + 1)
    }
}
