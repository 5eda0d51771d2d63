// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Consistency} from "./Consistency.sol";
import {IAnchor} from "./interfaces/IAnchor.sol";

/// @title Anchors of Merkle logs
/// @dev Deployed by the registry. The registry's address is plain storage and not an immutable, so that the code, and its
/// hash in every trust file, is the same wherever it is deployed; it is off the path of an anchor and costs nothing there.
contract Anchor is IAnchor {
    /// @dev Slot 0. Verifiers derive the slot of (log, size) from it: do not move.
    mapping(bytes32 logId => mapping(uint256 size => bytes32)) private _commitments;

    /// @dev Slot 1.
    mapping(bytes32 logId => Head) private _heads;

    /// @dev Slot 2. Written once.
    address private _registry;

    constructor() {
        _registry = msg.sender;
    }

    modifier onlyRegistry() {
        if (msg.sender != _registry) revert NotRegistry(msg.sender);
        _;
    }

    /// @inheritdoc IAnchor
    function anchor(
        bytes32 logId,
        uint256 oldSize,
        uint256 newSize,
        bytes32 newRoot,
        bytes32[] calldata proof
    ) external {
        Head memory head = _heads[logId];
        if (head.state == LogState.Unknown) revert UnknownLog(logId);
        if (head.operator != msg.sender) revert NotOperator(logId, msg.sender);
        if (head.state == LogState.Frozen) revert FrozenLog(logId);
        if (newSize == 0 || newSize > type(uint48).max) revert SizeOutOfRange(newSize);
        if (newSize < head.size) revert SizeNotGrown(head.size, newSize);
        if (newSize == head.size) {
            if (newRoot != head.root) revert RootConflict(logId, newSize, head.root, newRoot);
            if (proof.length != 0) revert ProofTooLong(proof.length);
            return;
        }
        if (oldSize != head.size) revert OldSizeMismatch(head.size, oldSize);
        if (oldSize != 0) Consistency.verify(oldSize, head.root, newSize, newRoot, proof);
        else if (proof.length != 0) revert ProofTooLong(proof.length);

        head.size = uint48(newSize);
        head.time = uint40(block.timestamp);
        head.root = newRoot;
        _heads[logId] = head;
        _commitments[logId][newSize] = keccak256(abi.encode(newRoot, block.timestamp));
        emit Anchored(logId, newSize, newRoot, block.timestamp);
    }

    /// @inheritdoc IAnchor
    function open(bytes32 logId, address operator) external onlyRegistry {
        Head storage head = _heads[logId];
        if (head.state != LogState.Unknown) revert LogExists(logId);
        head.operator = operator;
        head.state = LogState.Open;
        emit LogOpened(logId, operator);
    }

    /// @inheritdoc IAnchor
    function freeze(bytes32 logId) external onlyRegistry {
        Head storage head = _heads[logId];
        if (head.state == LogState.Unknown) revert UnknownLog(logId);
        if (head.state == LogState.Frozen) revert FrozenLog(logId);
        head.state = LogState.Frozen;
        emit LogFrozen(logId, head.size, head.root);
    }

    /// @inheritdoc IAnchor
    function headOf(bytes32 logId) external view returns (Head memory) {
        return _heads[logId];
    }

    /// @inheritdoc IAnchor
    function commitmentOf(bytes32 logId, uint256 size) external view returns (bytes32) {
        return _commitments[logId][size];
    }

    /// @inheritdoc IAnchor
    function registry() external view returns (address) {
        return _registry;
    }

    /// @inheritdoc IAnchor
    function checkConsistency(
        uint256 oldSize,
        bytes32 oldRoot,
        uint256 newSize,
        bytes32 newRoot,
        bytes32[] calldata proof
    ) external view {
        Consistency.verify(oldSize, oldRoot, newSize, newRoot, proof);
    }
}
