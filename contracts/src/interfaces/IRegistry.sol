// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAnchor} from "./IAnchor.sol";

/// @title Register of members, nodes, logs and published registers
/// @notice Every act is an act of k of the n members: each calls the same function with the same arguments, and the call
/// that completes k carries it out. An approval stands until it is carried out, withdrawn, or its member removed.
/// No owner, no proxy, no upgrade, and no act that touches an anchor already made.
interface IRegistry {
    /// @notice Standing of a node. Nodes are never deleted, so that old evidence keeps its context.
    enum NodeStatus {
        Unknown,
        Active,
        Suspended,
        Retired
    }

    /// @notice A node of the exchange (DESIGN 9).
    struct Node {
        bytes32 keysHash;
        NodeStatus status;
        string endpoint;
    }

    /// @notice A log, as registered once and for all.
    struct Log {
        address operator;
        bytes32 noteKeyHash;
        bytes32 predecessor;
        uint256 predecessorSize;
        bytes32 predecessorRoot;
    }

    /// @notice One version of a register (上链), as published once and for all.
    struct RegisterVersion {
        bytes32 sha256Hash;
        bytes32 owner;
        uint256 time;
    }

    /// @notice Emitted with the first approval of an act.
    /// @param action keccak256 of the call, the act's identity.
    /// @param call The call the other members repeat to approve.
    event Proposed(bytes32 indexed action, bytes call);

    /// @notice Emitted for each approval.
    /// @param action keccak256 of the call.
    /// @param member Who approved.
    /// @param approvals Approvals by present members so far.
    /// @param threshold Approvals needed.
    event Approved(bytes32 indexed action, address indexed member, uint256 approvals, uint256 threshold);

    /// @notice Emitted when a member takes an approval back.
    /// @param action keccak256 of the call.
    /// @param member Who took it back.
    event ApprovalWithdrawn(bytes32 indexed action, address indexed member);

    /// @notice Emitted when a member is added.
    /// @param member The new member.
    /// @param threshold Approvals needed from now on.
    event MemberAdded(address indexed member, uint256 threshold);

    /// @notice Emitted when a member is removed. Its open approvals no longer count.
    /// @param member The former member.
    /// @param threshold Approvals needed from now on.
    event MemberRemoved(address indexed member, uint256 threshold);

    /// @notice Emitted when only the threshold changes.
    /// @param threshold Approvals needed from now on.
    event ThresholdChanged(uint256 threshold);

    /// @notice Emitted when a node is entered or changed.
    /// @param code Division code, ASCII, left-aligned.
    /// @param endpoint HTTPS address.
    /// @param keysHash SHA-256 of the node's published key set.
    /// @param status Standing.
    event NodeRecorded(bytes32 indexed code, string endpoint, bytes32 keysHash, NodeStatus status);

    /// @notice Emitted when a log is registered.
    /// @param logId SHA-256 of the log's origin line.
    /// @param operator Only account that may anchor it.
    /// @param noteKeyHash SHA-256 of the verifier key line of its checkpoints.
    /// @param predecessor Log it continues, 0 for none.
    event LogRegistered(
        bytes32 indexed logId, address indexed operator, bytes32 noteKeyHash, bytes32 indexed predecessor
    );

    /// @notice Emitted when a log is closed for ever.
    /// @param logId SHA-256 of the log's origin line.
    event LogClosed(bytes32 indexed logId);

    /// @notice Emitted when a version of a register is published.
    /// @param register Division code, a slash and the register's kind, ASCII, left-aligned.
    /// @param version From 1, without gaps.
    /// @param sha256Hash SHA-256 of the document's canonical bytes.
    /// @param owner Organisation code of the body that answers for it, ASCII, left-aligned.
    event RegisterPublished(
        bytes32 indexed register, uint256 indexed version, bytes32 sha256Hash, bytes32 indexed owner
    );

    /// @notice Thrown when the caller, or the account to remove, is not a member.
    /// @param account The account.
    error NotMember(address account);

    /// @notice Thrown when the account is a member already.
    /// @param account The account.
    error MemberExists(address account);

    /// @notice Thrown when an account is 0.
    error ZeroAddress();

    /// @notice Thrown when the register has no seat left; seats are not used twice.
    error NoSeatLeft();

    /// @notice Thrown when k is 0 or above n.
    /// @param threshold k given.
    /// @param members n it would apply to.
    error ThresholdOutOfRange(uint256 threshold, uint256 members);

    /// @notice Thrown when the member has approved this act already.
    /// @param action keccak256 of the call.
    /// @param member Who called.
    error AlreadyApproved(bytes32 action, address member);

    /// @notice Thrown when there is no approval to take back.
    /// @param action keccak256 of the call.
    /// @param member Who called.
    error NotApproved(bytes32 action, address member);

    /// @notice Thrown when a node would stay as it is, so that a late approval of a finished act does not linger.
    /// @param code Division code.
    error NodeUnchanged(bytes32 code);

    /// @notice Thrown when a node would be recorded without a status.
    /// @param code Division code.
    error NodeWithoutStatus(bytes32 code);

    /// @notice Thrown when the log is registered already. Nothing about a log ever changes.
    /// @param logId SHA-256 of the log's origin line.
    error LogAlreadyRegistered(bytes32 logId);

    /// @notice Thrown when the log is not registered.
    /// @param logId SHA-256 of the log's origin line.
    error LogNotRegistered(bytes32 logId);

    /// @notice Thrown when the log is closed already.
    /// @param logId SHA-256 of the log's origin line.
    error LogAlreadyClosed(bytes32 logId);

    /// @notice Thrown when a successor names a log that is still open.
    /// @param predecessor Log named.
    error PredecessorOpen(bytes32 predecessor);

    /// @notice Thrown when a successor names another size or root than its predecessor was frozen with.
    /// @param predecessor Log named.
    /// @param size Size it is frozen at.
    /// @param root Root it is frozen at.
    error PredecessorMismatch(bytes32 predecessor, uint256 size, bytes32 root);

    /// @notice Thrown when the predecessor is continued by another log already.
    /// @param predecessor Log named.
    /// @param successor Log that continues it.
    error SuccessorExists(bytes32 predecessor, bytes32 successor);

    /// @notice Thrown when a version is not the one after the newest. A version published never changes.
    /// @param register Division code, a slash and the register's kind.
    /// @param expected The next version.
    /// @param given The version named.
    error VersionNotNext(bytes32 register, uint256 expected, uint256 given);

    /// @notice Thrown when register, hash or owner is 0.
    error RegisterIncomplete();

    /// @notice Adds a member. k of n.
    /// @param member The new member.
    /// @param newThreshold Approvals needed afterwards.
    function addMember(address member, uint256 newThreshold) external;

    /// @notice Removes a member. k of n.
    /// @param member The member to remove.
    /// @param newThreshold Approvals needed afterwards.
    function removeMember(address member, uint256 newThreshold) external;

    /// @notice Changes the threshold only. k of n.
    /// @param newThreshold Approvals needed afterwards.
    function changeThreshold(uint256 newThreshold) external;

    /// @notice Enters or changes a node. k of n.
    /// @param code Division code, ASCII, left-aligned.
    /// @param endpoint HTTPS address.
    /// @param keysHash SHA-256 of the node's published key set.
    /// @param status Standing, not `Unknown`.
    function recordNode(bytes32 code, string calldata endpoint, bytes32 keysHash, NodeStatus status) external;

    /// @notice Registers a log, once. k of n.
    /// @param logId SHA-256 of the log's origin line.
    /// @param operator Only account that may anchor it.
    /// @param noteKeyHash SHA-256 of the verifier key line of its checkpoints.
    /// @param predecessor Closed log it continues, 0 for none; then size and root are 0 too.
    /// @param predecessorSize Size the predecessor is frozen at.
    /// @param predecessorRoot Root the predecessor is frozen at.
    function registerLog(
        bytes32 logId,
        address operator,
        bytes32 noteKeyHash,
        bytes32 predecessor,
        uint256 predecessorSize,
        bytes32 predecessorRoot
    ) external;

    /// @notice Closes a log at its last anchor, for ever: a lost or stolen operator key, or the end of a shard. k of n.
    /// @param logId SHA-256 of the log's origin line.
    function closeLog(bytes32 logId) external;

    /// @notice Publishes the next version of a register. k of n.
    /// @param register Division code, a slash and the register's kind, ASCII, left-aligned.
    /// @param version One more than the newest, 1 for the first.
    /// @param sha256Hash SHA-256 of the document's canonical bytes.
    /// @param owner Organisation code of the body that answers for it, ASCII, left-aligned.
    function publishRegister(bytes32 register, uint256 version, bytes32 sha256Hash, bytes32 owner) external;

    /// @notice Takes the caller's approval of an open act back.
    /// @param action keccak256 of the call.
    function withdrawApproval(bytes32 action) external;

    /// @notice The contract that keeps the anchors.
    function anchors() external view returns (IAnchor);

    /// @notice Approvals needed, k.
    function threshold() external view returns (uint256);

    /// @notice Present members, n of them, in order of joining.
    function members() external view returns (address[] memory);

    /// @notice Approvals by present members of an open act.
    /// @param action keccak256 of the call.
    function approvalsOf(bytes32 action) external view returns (uint256);

    /// @notice A registered log; operator 0 when there is none.
    /// @param logId SHA-256 of the log's origin line.
    function logOf(bytes32 logId) external view returns (Log memory);

    /// @notice The log that continues a closed one, 0 for none.
    /// @param logId SHA-256 of the log's origin line.
    function successorOf(bytes32 logId) external view returns (bytes32);

    /// @notice A node; status `Unknown` when there is none.
    /// @param code Division code.
    function nodeOf(bytes32 code) external view returns (Node memory);

    /// @notice Codes of all nodes ever recorded, in order.
    function nodeCodes() external view returns (bytes32[] memory);

    /// @notice Newest version of a register, 0 before the first.
    /// @param register Division code, a slash and the register's kind.
    function registerVersionOf(bytes32 register) external view returns (uint256);

    /// @notice A version of a register; all 0 when there is none.
    /// @param register Division code, a slash and the register's kind.
    /// @param version From 1.
    function registerOf(bytes32 register, uint256 version) external view returns (RegisterVersion memory);
}
