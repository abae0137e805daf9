// SPDX-License-Identifier: Apache-2.0
package import API
import ArgumentParser

/// Which node on which link.
package struct AttachmentOptions: ParsableArguments {
    @Argument(help: "The mobile node's identifier.")
    var node: String

    @Option(help: "The access link's interface, where it is not the one that the node is on.")
    var link: String?

    package init() {}

    package var request: API.AttachmentRequest { API.AttachmentRequest(mobileNode: node, link: link) }
}
