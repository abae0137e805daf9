// SPDX-License-Identifier: Apache-2.0

/// A packet whose way somebody wants to know: the body of `POST /v1/explanations`, which a ``FlowExplanation`` answers.
package struct FlowQuestion: Codable, Sendable, Equatable {
    /// The path in the request line.
    package static let path = "/v1/explanations"

    /// In the form `tcp 10.0.0.1:5000 > 192.0.2.1:80`, in either direction.
    package var tuple: String
    /// 0 to 63; absent: 0.
    package var codePoint: Int?
    /// Of IPv6, 0 to 1048575; absent: 0.
    package var flowLabel: Int?
    /// Of ESP and AH.
    package var securityParameterIndex: Int?

    package init(
        tuple: String,
        codePoint: Int? = nil,
        flowLabel: Int? = nil,
        securityParameterIndex: Int? = nil
    ) {
        self.tuple = tuple
        self.codePoint = codePoint
        self.flowLabel = flowLabel
        self.securityParameterIndex = securityParameterIndex
    }
}
