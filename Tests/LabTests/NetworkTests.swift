// SPDX-License-Identifier: Apache-2.0
import Testing

/// Tests that build real networks, one after the other: their namespaces have fixed names. Needs root.
@Suite(.serialized)
struct NetworkTests {}
