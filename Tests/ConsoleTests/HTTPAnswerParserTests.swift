import Console
// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite struct HTTPAnswerParserTests {
    /// Feeds the text, then the end of the connection.
    private func parse(_ text: String, pieces: Int = .max) throws -> HTTPAnswer {
        var parser = HTTPAnswerParser()
        var remaining = Array(text.utf8)[...]
        while !remaining.isEmpty {
            if let answer = try parser.consume(Array(remaining.prefix(pieces))) { return answer }
            remaining = remaining.dropFirst(pieces)
        }
        return try #require(try parser.consume([]))
    }

    static let wellFormed: [(String, Int, String)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd", 200, "abcd"),
        ("HTTP/1.1 404 Not Found\r\ncontent-length:0\r\n\r\n", 404, ""),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n", 200,
            "abc0123456789"
        ),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTrailer: x\r\n\r\n", 200, ""),
        ("HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, "until the end"),
        ("HTTP/1.1 200 \nContent-Length: 1\n\nz", 200, "z"),
        // One digit, the extension, and the end of the line.
        (withExtension(of: HTTPAnswerParser.chunkLineLimit - 3), 200, "a"),
    ]

    /// The fuzzer found that a long extension was refused if it came in pieces, and only then.
    static func withExtension(of octets: Int) -> String {
        let filler = String(repeating: "x", count: octets - 1)
        return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;\(filler)\r\na\r\n0\r\n\r\n"
    }

    @Test(arguments: wellFormed, [Int.max, 1, 3])
    func wellFormedAnswersAreReadHoweverTheyArrive(answer: (String, Int, String), pieces: Int) throws {
        #expect(try parse(answer.0, pieces: pieces) == HTTPAnswer(status: answer.1, body: Array(answer.2.utf8)))
    }

    @Test(arguments: [
        ("", HTTPAnswerError.endsEarly),
        ("HTTP/1.1 200", .endsEarly),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcd", .endsEarly),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", .endsEarly),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", .endsEarly),
        ("SSH-2.0-OpenSSH_9\r\n", .badStatusLine),
        ("HTTP/1.1 20x OK\r\n\r\n", .badStatusLine),
        ("HTTP/1.1 -20 OK\r\n\r\n", .badStatusLine),
        ("HTTP/1.1\r\n\r\n", .badStatusLine),
        ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", .badHeaderField),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", .badHeaderField),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", .badContentLength),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", .badContentLength),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na", .badContentLength),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", .badChunk),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", .badChunk),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", .badChunk),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", .badChunk),
        (withExtension(of: HTTPAnswerParser.chunkLineLimit - 2), .badChunk),
        ("HTTP/1.1 200 OK\r\nX: \(String(repeating: "A", count: 1 << 17))\r\n\r\n", .tooLong),
    ])
    func malformedAnswersAreRefused(text: String, expected: HTTPAnswerError) {
        #expect(throws: expected) { try parse(text) }
        #expect(throws: expected) { try parse(text, pieces: 1) }
    }

    @Test func endlessHeadIsCutOff() {
        var parser = HTTPAnswerParser()
        let filler = [UInt8](repeating: 65, count: 1 << 14)
        #expect(throws: HTTPAnswerError.tooLong) {
            _ = try parser.consume(Array("HTTP/1.1 200 OK\r\nX: ".utf8))
            for _ in 0..<8 { _ = try parser.consume(filler) }
        }
    }
}
