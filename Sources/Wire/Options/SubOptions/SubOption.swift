// SPDX-License-Identifier: Apache-2.0

/// A part of a mobility option that has a type and a length of its own: the sub-options of RFC 6089, RFC 6757 and
/// RFC 8127, the attributes of RFC 7222.
///
/// To add one: its file in this folder, its line in the registry of the option that carries it, its place in one of
/// that option's vectors.
package protocol SubOption: TypeLengthValue {}
