// SPDX-License-Identifier: Apache-2.0
import Testing

/// Tests that build real networks, one after the other: those of one kind have the same names. Needs root.
@Suite(.serialized)
struct NetworkTests {}
