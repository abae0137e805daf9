// SPDX-License-Identifier: Apache-2.0
import API
import Console
import Foundation
import Management
import Testing

@Suite struct ManagementServerTests {
    /// Runs a server while the body runs, once it answers; the body on a thread of its own. Returns how long the server took
    /// to stop.
    @discardableResult
    private func serve(at path: String, _ body: (ManagementClient) async throws -> Void) async throws -> Duration {
        let server = ManagementServer(socketPath: path, backend: SampleBackend())
        let task = Task { try await server.run() }
        let client = ManagementClient(socketPath: path)
        do {
            try await withTaskExecutorPreference(OwnThread()) {
                // Long: while a thousand other tests begin, the pool's threads are taken.
                let deadline = ContinuousClock.now + .seconds(100)
                while (try? client.get(.status)) == nil, ContinuousClock.now < deadline {
                    try await Task.sleep(for: .milliseconds(5))
                }
                try await body(client)
            }
        } catch {
            task.cancel()
            _ = await task.result
            throw error
        }
        let start = ContinuousClock.now
        task.cancel()
        // Cancellation is an orderly stop.
        try await task.value
        return ContinuousClock.now - start
    }

    @Test func resourcesAreServedAndTheSocketGoesWithTheServer() async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/run/lma.sock"
        try await serve(at: path) { (client: ManagementClient) async throws in
            #expect(try client.get(.status, as: API.Status.self) == SampleState.status)
            #expect(try client.get(.bindings, as: [API.Binding].self) == [SampleState.binding])
            #expect(try client.get(.paths, as: [API.Path].self) == [SampleState.path])
            #expect(try client.get(.flows, as: [API.Flow].self) == [SampleState.flow])
            #expect(try client.get(.counters, as: [API.Counter].self) == [SampleState.counter])
            #expect(try client.get(.settings, as: [API.Setting].self) == [SampleState.setting])
            let files = FileManager.default
            #expect(try files.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o660)
            #expect(try files.attributesOfItem(atPath: "\(directory.path)/run")[.posixPermissions] as? Int == 0o755)
        }
        let remains = directory.exists("run/lma.sock")
        #expect(!remains)
    }

    @Test func keysAreSortedCamelCaseAndAbsentWhenUnknown() async throws {
        let directory = try TemporaryDirectory()
        try await serve(at: "\(directory.path)/a.sock") { (client: ManagementClient) async throws in
            let text = String(decoding: try client.get(.paths), as: UTF8.self)
            let keys = text.split(separator: "\n").filter { $0.hasPrefix("    \"") }.compactMap {
                $0.split(separator: "\"").dropFirst().first
            }
            #expect(keys == keys.sorted())
            #expect(keys.contains("roundTripMilliseconds"))
            #expect(!keys.contains("link"))
        }
    }

    @Test func otherPathsAndMethodsAreProblems() async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/a.sock"
        try await serve(at: path) { (_: ManagementClient) async throws in
            let missing = try RawExchange.perform(
                "GET /v1/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                at: path
            )
            #expect(missing.hasPrefix("HTTP/1.1 404 "))
            #expect(missing.contains(#""title" : "no such resource""#))
            #expect(
                missing.contains(
                    "/v1/status, /v1/bindings, /v1/paths, /v1/flows, /v1/policy, /v1/counters, /v1/settings"
                )
            )
            #expect(missing.contains("/v1/settings, /v1/revocations, /v1/notifications, /v1/attachments"))
            let method = try RawExchange.perform(
                "POST /v1/flows HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                at: path
            )
            #expect(method.hasPrefix("HTTP/1.1 405 "))
            #expect(method.lowercased().contains("allow: get\r\n"))
            #expect(method.contains(#""title" : "method not allowed""#))
        }
    }

    @Test func commandsArePosted() async throws {
        let directory = try TemporaryDirectory()
        try await serve(at: "\(directory.path)/a.sock") { (client: ManagementClient) async throws in
            let node = "cpe1@example.net"
            let revoked = try client.perform(.revoke(API.RevocationRequest(mobileNode: node, bindingIdentifier: 2)))
            let answers = try client.decode(revoked, as: [API.GatewayAnswer].self)
            #expect(answers.map(\.subject) == [node] && answers.map(\.outcome) == ["2"])
            let request = API.NotificationRequest(mobileNode: node, reason: .nameAccessNetworks)
            let notified = try client.decode(try client.perform(.notify(request)), as: [API.GatewayAnswer].self)
            #expect(notified.map(\.outcome) == ["name-access-networks"])
            let attachment = try client.perform(.attach(API.AttachmentRequest(mobileNode: node, link: "acc0")))
            let attached = try client.decode(attachment, as: [API.GatewayAnswer].self)
            #expect(attached.map(\.outcome) == ["attached to acc0"])
            // As much as a configuration file may have.
            let text = "policy: []\n" + String(repeating: "# nothing to see here\n", count: 40000)
            let set = try client.perform(.setPolicy(API.PolicyRequest(file: "new.yaml", text: text)))
            #expect(
                try client.decode(set, as: [API.GatewayAnswer].self).ruleTable.text == "RULE  OUTCOME\nweb   added\n"
            )
            let explained = try client.explain(API.FlowQuestion(tuple: "tcp 10.0.0.1:5000 > 10.1.0.1:80"))
            #expect(try client.decode(explained, as: API.FlowExplanation.self) == SampleState.explanation)
        }
    }

    @Test func commandsThatAreNotDoneAreProblems() async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/a.sock"
        try await serve(at: path) { (client: ManagementClient) async throws in
            let nobody = #expect(throws: ClientError.self) {
                try client.perform(.revoke(API.RevocationRequest(everything: true)))
            }
            #expect(nobody == .refused(API.Problem(title: "not found", detail: "nobody")))
            let gateway = #expect(throws: ClientError.self) {
                try client.perform(.notify(API.NotificationRequest(gateway: "g", reason: .reregister)))
            }
            #expect(gateway == .refused(API.CommandFailure.anchorsOnly.problem))
            let anchor = #expect(throws: ClientError.self) {
                try client.perform(.detach(API.AttachmentRequest(mobileNode: "n")))
            }
            #expect(anchor == .refused(API.CommandFailure.gatewaysOnly.problem))
            let policy = #expect(throws: ClientError.self) {
                try client.perform(.setPolicy(API.PolicyRequest(file: "new.yaml", text: "plicy: []")))
            }
            #expect(policy?.description == "the daemon refused: nothing is changed: new.yaml:1: unknown key")
        }
    }

    @Test(
        arguments: [
            ("GET", "/v1/revocations", "", "405"), ("POST", "/v1/revocations", "", "400"),
            ("POST", "/v1/revocations", "[]", "400"), ("POST", "/v1/notifications", "{}", "400"),
            ("POST", "/v1/notifications", #"{"gateway":"g","reason":"why"}"#, "400"),
            ("POST", "/v1/notifications", #"{"gateway":"g","reason":"re-register"}"#, "409"),
            ("POST", "/v1/revocations", "{}", "404"), ("GET", "/v1/explanations", "", "405"),
            ("POST", "/v1/explanations", "{}", "400"), ("POST", "/v1/explanations", #"{"tuple":"udp"}"#, "404"),
            ("POST", "/v1/policies", #"{"file":"f","text":"x"}"#, "400"), ("POST", "/v1/policies", "{}", "400"),
            ("POST", "/v1/revocations", String(repeating: " ", count: 70000), "413"),
        ]
    )
    func everyFaultHasItsStatus(_ method: String, _ resource: String, _ body: String, _ status: String) async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/a.sock"
        try await serve(at: path) { (_: ManagementClient) async throws in
            let head = "\(method) \(resource) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            let answer = try RawExchange.perform("\(head)Content-Length: \(body.utf8.count)\r\n\r\n\(body)", at: path)
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
            #expect(answer.contains(#""title" : "#))
        }
    }

    @Test func clientThatNeverFinishesDoesNotHoldUpTheStop() async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/a.sock"
        var descriptor: Int32 = -1
        defer { close(descriptor) }
        let stopping = try await serve(at: path) { (_: ManagementClient) async throws in
            descriptor = RawExchange.connected(to: path)
            _ = send(descriptor, "GET /v1/sta", 11, Int32(MSG_NOSIGNAL))
        }
        // It gives such a client two seconds.
        #expect(stopping < .seconds(20))
        let remains = directory.exists("a.sock")
        #expect(!remains)
    }

    @Test func serverThatIsCancelledAtOnceStops() async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/a.sock"
        let task = Task { try await ManagementServer(socketPath: path, backend: SampleBackend()).run() }
        task.cancel()
        try await task.value
        let remains = directory.exists("a.sock")
        #expect(!remains)
    }

    @Test func socketLeftBehindIsReplaced() async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/a.sock"
        UnixListener(path: path).close()
        let leftBehind = directory.exists("a.sock")
        #expect(leftBehind)
        try await serve(at: path) { (client: ManagementClient) async throws in
            #expect(try client.get(.counters, as: [API.Counter].self).count == 1)
        }
    }

    @Test func socketInUseAndOtherFilesAreLeftAlone() async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/a.sock"
        try await serve(at: path) { (client: ManagementClient) async throws in
            let second = ManagementServer(socketPath: path, backend: SampleBackend())
            await #expect(throws: ManagementServerError.alreadyServed(path: path)) { try await second.run() }
            #expect(try client.get(.status, as: API.Status.self) == SampleState.status)
        }
        let file = "\(directory.path)/file"
        close(open(file, O_CREAT | O_WRONLY, 0o600))
        let third = ManagementServer(socketPath: file, backend: SampleBackend())
        await #expect(throws: ManagementServerError.notASocket(path: file)) { try await third.run() }
        let leftAlone = directory.exists("file")
        #expect(leftAlone)
        let long = "/tmp/" + String(repeating: "x", count: 103)
        let fourth = ManagementServer(socketPath: long, backend: SampleBackend())
        await #expect(throws: ManagementServerError.pathTooLong(path: long)) { try await fourth.run() }
    }
}
