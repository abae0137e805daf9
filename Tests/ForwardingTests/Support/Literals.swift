// SPDX-License-Identifier: Apache-2.0
import Wire

/// The address that the text means; a mistake in a test's own text gives one that no packet has.
func address(_ text: String) -> IPAddress { IPAddress(text) ?? .v4(.zero) }

/// The prefix that the text means.
func prefix(_ text: String) -> IPPrefix { IPPrefix(text) ?? IPPrefix(host: .v4(.zero)) }
