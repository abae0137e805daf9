// SPDX-License-Identifier: Apache-2.0
#if canImport(LinuxIO)
    import Glibc
    import LinuxIO
    import Mobility
    import Wire

    /// `plait lma run` as an operator runs it, for a crowd.
    final class AnchorProcess {
        private let program: String
        private let directory: String
        private var child: ChildProcess?

        private var configuration: String { "\(directory)/lma.yaml" }

        /// `store` as the configuration names it.
        init(_ program: String, in directory: String, serving crowd: Crowd, store: String) {
            self.program = program
            self.directory = directory
            write(Self.configuration(for: crowd, store: store, in: directory), to: configuration)
        }

        private static func configuration(for crowd: Crowd, store: String, in directory: String) -> String {
            let gateways = crowd.peers.map { peer in
                guard case .sharedKey(let association) = peer.authentication else { return "" }
                let key = association.key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                return """
                        - identifier: "\(peer.identifier)"
                          mobile-nodes: ["\(peer.mobileNodes.map(\.description).joined())"]
                          authentication: { spi: \(association.spi), key: "\(key)", algorithm: hmac-sha256-128 }
                    """
            }
            return """
                lma:
                  name: bench
                  addresses: { ipv4: \(crowd.anchor) }
                  timestamp-window: 1h
                  store: \(store)
                  pools:
                    home-network-prefixes: { from: "2001:db8:4000::/36", length: 64 }
                    delegated-ipv6-prefixes: { from: "3fff::/20", length: 56 }
                    delegated-ipv4-prefixes: { from: 10.0.0.0/8, length: 30 }
                  management: { socket: \(directory)/lma.sock }
                  gateways:
                \(gateways.joined(separator: "\n"))

                """
        }

        private func write(_ text: String, to path: String) {
            guard let file = fopen(path, "w") else { preconditionFailure("\(path) cannot be written") }
            fputs(text, file)
            fclose(file)
        }

        func start() throws {
            child = try ChildProcess(
                starting: [program, "lma", "run", "--config", configuration],
                output: "\(directory)/lma.log"
            )
        }

        /// As a crash does it, or as an operator.
        func end(by signal: Int32) {
            child?.signal(signal)
            while child?.isRunning == true { usleep(1000) }
            child = nil
        }

        var residentOctets: Int { child.map { Memory.residentOctets(of: $0.identifier) } ?? 0 }

        /// In seconds, of all threads since the start.
        var processorTime: Double {
            guard let child, let file = fopen("/proc/\(child.identifier)/stat", "r") else { return 0 }
            defer { fclose(file) }
            var line = [CChar](repeating: 0, count: 1024)
            guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            // Behind the name in parentheses, utime and stime are the twelfth and thirteenth.
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            guard fields.count > 12 else { return 0 }
            let ticks = (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
            return Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
        }
    }
#endif
