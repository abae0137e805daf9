// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
package import Wire

/// The machine's two clocks.
package enum SystemClock {
    /// Since boot, suspension included (`CLOCK_BOOTTIME`).
    package static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }

    /// Nanoseconds of wall-clock time since 1970: what the kernel stamps packets with. It may leap.
    static func wallNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// Wall-clock time as the Timestamp option carries it (RFC 5213 §8.8).
    package static func timestamp() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let fraction = UInt64(time.tv_nsec) &* 65536 / 1_000_000_000
        return Timestamp(seconds: UInt64(max(time.tv_sec, 0)), fraction: UInt16(truncatingIfNeeded: fraction))
    }

    /// The day of wall-clock time in the machine's time zone.
    package static func localDate() -> (year: Int, month: Int, day: Int) {
        var now = time(nil)
        var local = tm()
        // A zone that was changed counts from now on.
        tzset()
        localtime_r(&now, &local)
        return (Int(local.tm_year) + 1900, Int(local.tm_mon) + 1, Int(local.tm_mday))
    }
}
