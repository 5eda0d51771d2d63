// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsistency} from "./interfaces/IConsistency.sol";

/// @title Merkle consistency proofs over SHA-256
/// @notice RFC 9162 2.1.4.2, step by step; the numbers in the code are its numbers. Inner nodes are
/// SHA-256(0x01 || left || right) (RFC 9162 2.1.1); leaves are never hashed here.
/// @dev The proof does not bind the size of the new tree: one proof is accepted for many sizes. The size is the
/// operator's word; verifiers match (size, root) with the signed checkpoint.
library Consistency {
    /// @notice Reverts unless the tree (newSize, newRoot) extends the tree (oldSize, oldRoot).
    /// @param oldSize Leaves of the old tree, at least 1.
    /// @param oldRoot Root of the old tree.
    /// @param newSize Leaves of the new tree, larger than `oldSize`.
    /// @param newRoot Root of the new tree.
    /// @param proof Consistency path as RFC 9162 2.1.4.1 gives it.
    function verify(
        uint256 oldSize,
        bytes32 oldRoot,
        uint256 newSize,
        bytes32 newRoot,
        bytes32[] calldata proof
    ) internal view {
        if (oldSize == 0 || newSize <= oldSize) revert IConsistency.SizesOutOfOrder(oldSize, newSize);
        if (proof.length == 0) revert IConsistency.ProofTooShort(0); // 1
        (bytes32 oldHash, bytes32 newHash, uint256 unread, uint256 height) = _fold(oldSize, oldRoot, newSize, proof);
        if (unread != 0) revert IConsistency.ProofTooLong(proof.length); // 6.1
        if (height != 0) revert IConsistency.ProofTooShort(proof.length); // 7
        if (oldHash != oldRoot) revert IConsistency.OldRootMismatch(oldHash, oldRoot);
        if (newHash != newRoot) revert IConsistency.NewRootMismatch(newHash, newRoot);
    }

    /// @dev Steps 2 to 6. In assembly: a hash costs 450 gas here and 1,200 through `sha256(abi.encodePacked(...))`.
    /// @return fr Root of the old tree as the proof has it.
    /// @return sr Root of the new tree as the proof has it.
    /// @return unread Bytes of the proof left when the edge of the new tree was reached; 0 is right.
    /// @return sn Index of the last node of the new tree on the level reached; 0 is right.
    function _fold(
        uint256 oldSize,
        bytes32 oldRoot,
        uint256 newSize,
        bytes32[] calldata proof
    ) private view returns (bytes32 fr, bytes32 sr, uint256 unread, uint256 sn) {
        bool hashed;
        assembly ("memory-safe") {
            let fn := sub(oldSize, 1) // 3
            sn := sub(newSize, 1)
            for {} and(fn, 1) {} { // 4
                fn := shr(1, fn)
                sn := shr(1, sn)
            }
            let next := proof.offset
            let end := add(next, shl(5, proof.length))
            fr := oldRoot // 2: fn is 0 now exactly when oldSize is a power of two
            if fn { // 5
                fr := calldataload(next)
                next := add(next, 32)
            }
            sr := fr

            let node := mload(0x40) // 0x01 || left || right, 65 bytes past the end of used memory
            let left := add(node, 1)
            let right := add(node, 33)
            mstore8(node, 1)
            hashed := 1
            for {} and(lt(next, end), gt(sn, 0)) { next := add(next, 32) } { // 6, 6.1
                let c := calldataload(next)
                switch or(and(fn, 1), eq(fn, sn))
                case 0 { // 6.3
                    mstore(left, sr)
                    mstore(right, c)
                    hashed := and(staticcall(gas(), 2, node, 65, 0, 32), hashed)
                    sr := mload(0)
                }
                default { // 6.2
                    mstore(left, c)
                    mstore(right, fr)
                    hashed := and(staticcall(gas(), 2, node, 65, 0, 32), hashed)
                    fr := mload(0)
                    mstore(right, sr)
                    hashed := and(staticcall(gas(), 2, node, 65, 0, 32), hashed)
                    sr := mload(0)
                    for {} and(iszero(and(fn, 1)), gt(fn, 0)) {} {
                        fn := shr(1, fn)
                        sn := shr(1, sn)
                    }
                }
                fn := shr(1, fn) // 6.4
                sn := shr(1, sn)
            }
            unread := sub(end, next)
        }
        if (!hashed) revert IConsistency.HashingFailed();
    }
}
