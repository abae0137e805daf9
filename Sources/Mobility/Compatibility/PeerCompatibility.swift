// SPDX-License-Identifier: Apache-2.0

/// Of what make a peer is: whose deviations from the RFCs are translated, so that the engines' rules know none of them
/// (docs/trust.md). Only such as have been seen in captures.
package enum PeerCompatibility: String, CaseIterable, Hashable, Sendable {
    /// As the RFCs say.
    case strict
    /// The Open PMIP project's: sequence numbers instead of time stamps, options without alignment.
    case opmip
    /// OpenAirInterface's: four octets beyond Header Len, /128 for /64, time stamps in words of little-endian order,
    /// acknowledgements without the P flag and without Handoff Indicator and Access Technology Type.
    case oai
}
