// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc

/// A network of its own within this machine. Sockets and devices made inside belong to it for good.
package struct NetworkNamespace: Sendable {
    /// The file that stands for the namespace.
    package let path: String
    private let file: FileDescriptor

    /// One that `ip netns add NAME` has made.
    package init(named name: String) throws(SystemError) {
        try self.init(path: "/run/netns/\(name)")
    }

    package init(path: String) throws(SystemError) {
        self.path = path
        file = try FileDescriptor(open(path, O_RDONLY | O_CLOEXEC), call: "open", subject: path)
    }

    /// Runs the body inside, on a thread made for it, and waits for the outcome.
    package func run<Value>(_ body: @escaping @Sendable () throws -> sending Value) throws -> sending Value {
        let errand = Errand(namespace: self, body: body)
        let argument = Unmanaged<AnyErrand>.passRetained(errand)
        var thread = pthread_t()
        let failure = pthread_create(&thread, nil, NetworkNamespace.entry, argument.toOpaque())
        guard failure == 0 else {
            argument.release()
            throw SystemError(call: "pthread_create", errno: failure, subject: path)
        }
        pthread_join(thread, nil)
        return try errand.outcome()
    }

    /// Moves the calling thread inside, for good.
    package func enter() throws(SystemError) {
        try SystemError.check(setns(file.raw, CLONE_NEWNET), "setns", path)
    }

    /// Tells the calling thread's network from others as long as it lasts.
    package static func currentIdentity() throws(SystemError) -> String {
        var status = stat()
        let path = "/proc/thread-self/ns/net"
        try SystemError.check(stat(path, &status), "stat", path)
        return "\(status.st_dev):\(status.st_ino)"
    }

    private static let entry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        guard let argument else { return nil }
        Unmanaged<AnyErrand>.fromOpaque(argument).takeRetainedValue().perform()
        return nil
    }
}

/// What the C entry point can name without knowing the value's type.
private class AnyErrand {
    func perform() {}
}

/// Carries the body in and the value out; the join orders the two threads.
private final class Errand<Value>: AnyErrand {
    private let namespace: NetworkNamespace
    private let body: () throws -> Value
    private var result: Result<Value, any Error>?

    init(namespace: NetworkNamespace, body: @escaping () throws -> Value) {
        self.namespace = namespace
        self.body = body
    }

    override func perform() {
        result = Result {
            try namespace.enter()
            return try body()
        }
    }

    func outcome() throws -> sending Value {
        guard let result else { throw SystemError(call: "pthread_join", errno: ESRCH, subject: namespace.path) }
        // The thread has ended and nothing else knows the value: it is the caller's alone.
        nonisolated(unsafe) let value = try result.get()
        return value
    }
}
