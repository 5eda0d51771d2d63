// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsistency} from "./IConsistency.sol";

/// @title Anchors of Merkle logs
/// @notice Keeps, for ever, which root a log had at which size and when, and accepts a new root only with the proof that
/// it extends the last one. Not even the operator of a log with its chain key can anchor a rewritten history.
/// No owner, no proxy, no upgrade: only the registry opens and freezes logs, only a log's operator anchors it.
interface IAnchor is IConsistency {
    /// @notice What may happen to a log. Unknown logs cannot be anchored; frozen ones never again.
    enum LogState {
        Unknown,
        Open,
        Frozen
    }

    /// @notice The newest anchor of a log; size 0 when there is none yet. The first four members fill one slot.
    struct Head {
        address operator;
        uint48 size;
        uint40 time;
        LogState state;
        bytes32 root;
    }

    /// @notice Emitted when the registry opens a log.
    /// @param logId SHA-256 of the log's origin line.
    /// @param operator Only account that may anchor it.
    event LogOpened(bytes32 indexed logId, address operator);

    /// @notice Emitted when the registry freezes a log.
    /// @param logId SHA-256 of the log's origin line.
    /// @param size Size it keeps.
    /// @param root Root it keeps.
    event LogFrozen(bytes32 indexed logId, uint256 size, bytes32 root);

    /// @notice Emitted once for each anchored (log, size). Repeating an anchor emits nothing.
    /// @param logId SHA-256 of the log's origin line.
    /// @param size Leaves of the tree. The operator's word: the consistency proof does not bind it, so match it with
    /// the signed checkpoint.
    /// @param root Root of the tree.
    /// @param time Block time, seconds since 1970.
    event Anchored(bytes32 indexed logId, uint256 indexed size, bytes32 root, uint256 time);

    /// @notice Thrown when somebody else than the registry opens or freezes a log.
    /// @param caller Who called.
    error NotRegistry(address caller);

    /// @notice Thrown when somebody else than the log's operator anchors.
    /// @param logId SHA-256 of the log's origin line.
    /// @param caller Who called.
    error NotOperator(bytes32 logId, address caller);

    /// @notice Thrown when the log is not registered.
    /// @param logId SHA-256 of the log's origin line.
    error UnknownLog(bytes32 logId);

    /// @notice Thrown when the log was opened before.
    /// @param logId SHA-256 of the log's origin line.
    error LogExists(bytes32 logId);

    /// @notice Thrown when the log is frozen.
    /// @param logId SHA-256 of the log's origin line.
    error FrozenLog(bytes32 logId);

    /// @notice Thrown when a size is 0 or does not fit 48 bits. Sizes come as full words so that this error, and not a
    /// bare revert of the decoder, answers.
    /// @param size Size given.
    error SizeOutOfRange(uint256 size);

    /// @notice Thrown when the new size is below the anchored one.
    /// @param anchored Size anchored.
    /// @param size Size given.
    error SizeNotGrown(uint256 anchored, uint256 size);

    /// @notice Thrown when the proof starts from another size than the anchored one: the caller lost a race or read a
    /// stale node, and reads again.
    /// @param anchored Size anchored.
    /// @param oldSize Size the proof starts from.
    error OldSizeMismatch(uint256 anchored, uint256 oldSize);

    /// @notice Thrown when another root is already anchored at this size: the operator signed two histories.
    /// @param logId SHA-256 of the log's origin line.
    /// @param size Size given.
    /// @param anchored Root anchored.
    /// @param root Root given.
    error RootConflict(bytes32 logId, uint256 size, bytes32 anchored, bytes32 root);

    /// @notice Anchors a tree. The same (size, root) again with an empty proof changes nothing and succeeds.
    /// @param logId SHA-256 of the log's origin line.
    /// @param oldSize Anchored size the proof starts from; 0 for the first anchor.
    /// @param newSize Leaves of the new tree, below 2^48.
    /// @param newRoot Root of the new tree.
    /// @param proof Consistency path from `oldSize` to `newSize` (RFC 9162 2.1.4); empty for the first anchor.
    function anchor(
        bytes32 logId,
        uint256 oldSize,
        uint256 newSize,
        bytes32 newRoot,
        bytes32[] calldata proof
    ) external;

    /// @notice Opens a log. Only the registry.
    /// @param logId SHA-256 of the log's origin line.
    /// @param operator Only account that may anchor it.
    function open(bytes32 logId, address operator) external;

    /// @notice Freezes a log at its last anchor. Only the registry.
    /// @param logId SHA-256 of the log's origin line.
    function freeze(bytes32 logId) external;

    /// @notice The newest anchor of a log.
    /// @param logId SHA-256 of the log's origin line.
    function headOf(bytes32 logId) external view returns (Head memory);

    /// @notice What is stored for (log, size): keccak256(root || time as 32 bytes), 0 when never anchored. One slot binds
    /// both, so one storage proof under any later block proves both.
    /// @param logId SHA-256 of the log's origin line.
    /// @param size Leaves of the tree.
    function commitmentOf(bytes32 logId, uint256 size) external view returns (bytes32);

    /// @notice The registry that opens and freezes logs.
    function registry() external view returns (address);

    /// @notice Reverts unless the new tree extends the old one; for anybody to try a proof.
    /// @param oldSize Leaves of the old tree, at least 1.
    /// @param oldRoot Root of the old tree.
    /// @param newSize Leaves of the new tree, larger.
    /// @param newRoot Root of the new tree.
    /// @param proof Consistency path (RFC 9162 2.1.4).
    function checkConsistency(
        uint256 oldSize,
        bytes32 oldRoot,
        uint256 newSize,
        bytes32 newRoot,
        bytes32[] calldata proof
    ) external view;
}
