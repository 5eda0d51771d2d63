// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Errors of a Merkle consistency proof (RFC 9162 2.1.4.2)
/// @notice Checks are made in this order: length, old root, new root. A broken proof is named by the first that fails.
interface IConsistency {
    /// @notice Thrown when the proof ends before the edge of the new tree is reached; an empty proof between two
    /// different trees as well.
    /// @param length Number of hashes given.
    error ProofTooShort(uint256 length);

    /// @notice Thrown when hashes are left over after the edge of the new tree is reached; any hash where the proof must
    /// be empty as well.
    /// @param length Number of hashes given.
    error ProofTooLong(uint256 length);

    /// @notice Thrown when the proof does not rebuild the root of the old tree: it belongs to another history.
    /// @param computed Root the proof leads to.
    /// @param expected Root of the old tree.
    error OldRootMismatch(bytes32 computed, bytes32 expected);

    /// @notice Thrown when the proof does not rebuild the root of the new tree.
    /// @param computed Root the proof leads to.
    /// @param expected Root given for the new tree.
    error NewRootMismatch(bytes32 computed, bytes32 expected);

    /// @notice Thrown when sizes do not describe growth: `oldSize` is 0 or `newSize` is not larger.
    /// @param oldSize Leaves of the old tree.
    /// @param newSize Leaves of the new tree.
    error SizesOutOfOrder(uint256 oldSize, uint256 newSize);

    /// @notice Thrown when the SHA-256 precompile fails, which only a lack of gas can cause.
    error HashingFailed();
}
