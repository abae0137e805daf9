// SPDX-License-Identifier: Apache-2.0

/// A mobility option (RFC 6275 §6.2.1).
///
/// To add one: its file in this folder, its line in `OptionRegistry.known`, its vector in `Tests/WireTests/Vectors`, and
/// in `Scripts/check-options.py` what the judge calls its fields.
package protocol MobilityOption: TypeLengthValue {}
