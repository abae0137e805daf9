// SPDX-License-Identifier: Apache-2.0

/// Geo-Location sub-option (RFC 6757 §3.1.2): WGS 84 degrees, each in 24 bits of which 15 are behind the point.
///
/// ```
/// |       2       |  Length = 6   |     Latitude Degrees (24) ...
/// |    Longitude Degrees (24) ...
/// ```
package struct GeoLocation: SubOption, Equatable {
    package static let type: UInt8 = 2
    package static let name = "Geo-Location"

    /// Units of 1/32768 degree, north positive.
    package let latitude: Int32
    /// Units of 1/32768 degree, east positive.
    package let longitude: Int32

    private static let maximumLatitude: UInt32 = 90 << 15
    private static let maximumLongitude: UInt32 = 180 << 15

    /// nil beyond 90 degrees of latitude or 180 of longitude.
    package init?(latitude: Int32, longitude: Int32) {
        guard latitude.magnitude <= Self.maximumLatitude, longitude.magnitude <= Self.maximumLongitude else {
            return nil
        }
        self.latitude = latitude
        self.longitude = longitude
    }

    package init(decoding reader: inout ByteReader) throws(DecodeError) {
        latitude = try Self.degrees(&reader, "Latitude Degrees", limit: Self.maximumLatitude)
        longitude = try Self.degrees(&reader, "Longitude Degrees", limit: Self.maximumLongitude)
    }

    private static func degrees(
        _ reader: inout ByteReader,
        _ field: String,
        limit: UInt32
    ) throws(DecodeError) -> Int32 {
        let start = reader.offset
        let upper = Int32(Int8(bitPattern: try reader.octet(field)))
        let value = upper << 16 | Int32(try reader.uint16(field))
        guard value.magnitude <= limit else {
            throw DecodeError(.badValue(UInt64(value.magnitude)), field: field, offset: start)
        }
        return value
    }

    package func encode(into writer: inout ByteWriter) {
        for value in [latitude, longitude] {
            writer.octet(UInt8(truncatingIfNeeded: value >> 16))
            writer.uint16(UInt16(truncatingIfNeeded: value))
        }
    }

    package var fields: [Field] {
        [Field("latitude", Self.text(latitude)), Field("longitude", Self.text(longitude))]
    }

    /// With five decimals, which tell all values apart.
    private static func text(_ value: Int32) -> String {
        let units = UInt64(value.magnitude)
        let digits = (units * 100_000 + 16384) / 32768
        let decimals = String(digits % 100_000)
        let padding = String(repeating: "0", count: 5 - decimals.count)
        return "\(value < 0 ? "-" : "")\(digits / 100_000).\(padding)\(decimals)"
    }
}
