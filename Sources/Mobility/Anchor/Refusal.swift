// SPDX-License-Identifier: Apache-2.0
import Wire

/// Why a proxy binding update is not accepted: what its acknowledgement says. A value, not a fault of ours.
struct Refusal: Error, Equatable {
    var status: BindingStatus
    /// Of the acknowledgement, where it is not the request's (status 135: the last number accepted).
    var sequence: UInt16?
    /// Of the answer to a request for an IPv4 home address.
    var homeAddress: IPv4HomeAddressStatus

    init(_ status: BindingStatus, sequence: UInt16? = nil, homeAddress: IPv4HomeAddressStatus = .failure) {
        self.status = status
        self.sequence = sequence
        self.homeAddress = homeAddress
    }
}
