// SPDX-License-Identifier: Apache-2.0
import Glibc
import LinuxIO
import Testing
import Wire

@Suite struct SystemTests {
    @Test func errorsReadAsOneLine() {
        let error = SystemError(call: "bind", errno: EADDRINUSE, subject: "udp 5436 on wan1")
        #expect("\(error)" == "bind of udp 5436 on wan1: Address already in use")
        #expect("\(SystemError(call: "epoll_wait", errno: 99999, subject: ""))" == "epoll_wait: error 99999")
    }

    @Test func clocksAgreeWithTheStandardLibrarys() {
        let first = SystemClock.now()
        let second = SystemClock.now()
        #expect(second >= first)
        #expect(second - first < .seconds(10))
        #expect(abs(Int64(SystemClock.timestamp().seconds) - Int64(time(nil))) <= 10)
    }

    @Test func rootMayAdministerTheNetwork() throws {
        #expect(Capabilities.hasNetAdmin() == (geteuid() == 0))
        if geteuid() == 0 { try Capabilities.requireNetAdmin() }
    }

    @Test func settingsAreWrittenAndPutBack() throws {
        let network = try ScratchNetwork()
        let setting = try #require(KernelSetting.ipv6("accept_ra", on: "wire"))
        let values = try network.left.run {
            let previous = try Sysctl.write("0", to: setting)
            let now = try Sysctl.read(setting)
            let restored = try Sysctl.write(previous, to: setting)
            return [previous, now, restored, try Sysctl.read(setting)]
        }
        #expect(values == ["1", "0", "0", "1"])
    }

    @Test func settingsOutsideTheKernelsAreRefused() throws {
        #expect(KernelSetting(path: "net/../../../etc/passwd") == nil)
        #expect(KernelSetting(path: "/etc/passwd") == nil)
        #expect(KernelSetting.ipv6("accept_ra", on: "..") == nil)
        let missing = try #require(KernelSetting.ipv6("accept_ra", on: "linuxio-none"))
        let error = #expect(throws: SystemError.self) { try Sysctl.read(missing) }
        #expect(error?.errno == ENOENT)
    }
}
