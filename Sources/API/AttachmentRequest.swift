// SPDX-License-Identifier: Apache-2.0

/// Which mobile node is there, or shall be left alone: the body of `POST /v1/attachments` and `POST /v1/detachments`.
package struct AttachmentRequest: Codable, Sendable, Equatable {
    package var mobileNode: String
    /// The access link; absent: where the node is, or the first one.
    package var link: String?

    package init(mobileNode: String, link: String? = nil) {
        self.mobileNode = mobileNode
        self.link = link
    }
}
