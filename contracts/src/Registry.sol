// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Anchor} from "./Anchor.sol";
import {IAnchor} from "./interfaces/IAnchor.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";

/// @title Register of members, nodes, logs and published registers
/// @dev Approvals are a bit per seat. A seat is given once and never again, so that a removed member's bits mean nothing,
/// also when the account joins a second time.
contract Registry is IRegistry {
    uint256 private constant _SEATS = 256;

    IAnchor private _anchors;
    uint256 private _threshold;
    uint256 private _present;
    address[] private _seats;
    mapping(address member => uint256 seatPlusOne) private _seatOf;
    mapping(bytes32 action => uint256 seatBits) private _approvals;
    mapping(bytes32 logId => Log) private _logs;
    mapping(bytes32 logId => bytes32) private _successors;
    mapping(bytes32 code => Node) private _nodes;
    bytes32[] private _nodeCodes;
    mapping(bytes32 register => uint256 version) private _registerVersions;
    mapping(bytes32 register => mapping(uint256 version => RegisterVersion)) private _registers;

    /// @param founders First members.
    /// @param k Approvals needed for every act.
    constructor(address[] memory founders, uint256 k) {
        for (uint256 i = 0; i < founders.length; ++i) {
            _checkNewMember(founders[i]);
            _seat(founders[i]);
        }
        _setThreshold(k);
        for (uint256 i = 0; i < founders.length; ++i) {
            emit MemberAdded(founders[i], k);
        }
        _anchors = new Anchor();
    }

    modifier onlyMember() {
        if (_seatOf[msg.sender] == 0) revert NotMember(msg.sender);
        _;
    }

    /// @inheritdoc IRegistry
    function addMember(address member, uint256 newThreshold) external onlyMember {
        _checkNewMember(member);
        if (!_approved()) return;
        _seat(member);
        _setThreshold(newThreshold);
        emit MemberAdded(member, newThreshold);
    }

    /// @inheritdoc IRegistry
    function removeMember(address member, uint256 newThreshold) external onlyMember {
        uint256 seatPlusOne = _seatOf[member];
        if (seatPlusOne == 0) revert NotMember(member);
        if (!_approved()) return;
        delete _seatOf[member];
        _present &= ~(1 << (seatPlusOne - 1));
        _setThreshold(newThreshold);
        emit MemberRemoved(member, newThreshold);
    }

    /// @inheritdoc IRegistry
    function changeThreshold(uint256 newThreshold) external onlyMember {
        if (!_approved()) return;
        _setThreshold(newThreshold);
        emit ThresholdChanged(newThreshold);
    }

    /// @inheritdoc IRegistry
    function recordNode(bytes32 code, string calldata endpoint, bytes32 keysHash, NodeStatus status)
        external
        onlyMember
    {
        Node storage node = _nodes[code];
        if (status == NodeStatus.Unknown) revert NodeWithoutStatus(code);
        if (
            node.status == status && node.keysHash == keysHash
                && keccak256(bytes(node.endpoint)) == keccak256(bytes(endpoint))
        ) revert NodeUnchanged(code);
        if (!_approved()) return;
        if (node.status == NodeStatus.Unknown) _nodeCodes.push(code);
        node.keysHash = keysHash;
        node.status = status;
        node.endpoint = endpoint;
        emit NodeRecorded(code, endpoint, keysHash, status);
    }

    /// @inheritdoc IRegistry
    function registerLog(
        bytes32 logId,
        address operator,
        bytes32 noteKeyHash,
        bytes32 predecessor,
        uint256 predecessorSize,
        bytes32 predecessorRoot
    ) external onlyMember {
        if (operator == address(0)) revert ZeroAddress();
        if (_logs[logId].operator != address(0)) revert LogAlreadyRegistered(logId);
        _checkPredecessor(predecessor, predecessorSize, predecessorRoot);
        if (!_approved()) return;
        _logs[logId] = Log(operator, noteKeyHash, predecessor, predecessorSize, predecessorRoot);
        if (predecessor != 0) _successors[predecessor] = logId;
        _anchors.open(logId, operator);
        emit LogRegistered(logId, operator, noteKeyHash, predecessor);
    }

    /// @inheritdoc IRegistry
    function closeLog(bytes32 logId) external onlyMember {
        if (_logs[logId].operator == address(0)) revert LogNotRegistered(logId);
        if (_anchors.headOf(logId).state == IAnchor.LogState.Frozen) revert LogAlreadyClosed(logId);
        if (!_approved()) return;
        _anchors.freeze(logId);
        emit LogClosed(logId);
    }

    /// @inheritdoc IRegistry
    function publishRegister(bytes32 register, uint256 version, bytes32 sha256Hash, bytes32 owner)
        external
        onlyMember
    {
        if (register == 0 || sha256Hash == 0 || owner == 0) revert RegisterIncomplete();
        uint256 expected = _registerVersions[register] + 1;
        if (version != expected) revert VersionNotNext(register, expected, version);
        if (!_approved()) return;
        _registerVersions[register] = version;
        _registers[register][version] = RegisterVersion(sha256Hash, owner, block.timestamp);
        emit RegisterPublished(register, version, sha256Hash, owner);
    }

    /// @inheritdoc IRegistry
    function withdrawApproval(bytes32 action) external onlyMember {
        uint256 bit = 1 << (_seatOf[msg.sender] - 1);
        if (_approvals[action] & bit == 0) revert NotApproved(action, msg.sender);
        _approvals[action] &= ~bit;
        emit ApprovalWithdrawn(action, msg.sender);
    }

    /// @inheritdoc IRegistry
    function anchors() external view returns (IAnchor) {
        return _anchors;
    }

    /// @inheritdoc IRegistry
    function threshold() external view returns (uint256) {
        return _threshold;
    }

    /// @inheritdoc IRegistry
    function members() external view returns (address[] memory present) {
        present = new address[](_count(_present));
        uint256 found = 0;
        for (uint256 seat = 0; seat < _seats.length; ++seat) {
            if (_present & (1 << seat) != 0) present[found++] = _seats[seat];
        }
    }

    /// @inheritdoc IRegistry
    function approvalsOf(bytes32 action) external view returns (uint256) {
        return _count(_approvals[action] & _present);
    }

    /// @inheritdoc IRegistry
    function logOf(bytes32 logId) external view returns (Log memory) {
        return _logs[logId];
    }

    /// @inheritdoc IRegistry
    function successorOf(bytes32 logId) external view returns (bytes32) {
        return _successors[logId];
    }

    /// @inheritdoc IRegistry
    function nodeOf(bytes32 code) external view returns (Node memory) {
        return _nodes[code];
    }

    /// @inheritdoc IRegistry
    function nodeCodes() external view returns (bytes32[] memory) {
        return _nodeCodes;
    }

    /// @inheritdoc IRegistry
    function registerVersionOf(bytes32 register) external view returns (uint256) {
        return _registerVersions[register];
    }

    /// @inheritdoc IRegistry
    function registerOf(bytes32 register, uint256 version) external view returns (RegisterVersion memory) {
        return _registers[register][version];
    }

    /// @dev Records the caller's approval of the running call and tells whether it completes the act, which then is no
    /// longer open. Checks of the act come before it: an act that cannot be carried out gathers no approvals.
    function _approved() private returns (bool complete) {
        bytes32 action = keccak256(msg.data);
        uint256 bits = _approvals[action];
        uint256 bit = 1 << (_seatOf[msg.sender] - 1);
        if (bits & bit != 0) revert AlreadyApproved(action, msg.sender);
        if (bits == 0) emit Proposed(action, msg.data);
        bits |= bit;
        uint256 approvals = _count(bits & _present);
        complete = approvals >= _threshold;
        _approvals[action] = complete ? 0 : bits;
        emit Approved(action, msg.sender, approvals, _threshold);
    }

    function _checkNewMember(address member) private view {
        if (member == address(0)) revert ZeroAddress();
        if (_seatOf[member] != 0) revert MemberExists(member);
        if (_seats.length == _SEATS) revert NoSeatLeft();
    }

    function _seat(address member) private {
        _present |= 1 << _seats.length;
        _seats.push(member);
        _seatOf[member] = _seats.length;
    }

    function _setThreshold(uint256 newThreshold) private {
        uint256 present = _count(_present);
        if (newThreshold == 0 || newThreshold > present) revert ThresholdOutOfRange(newThreshold, present);
        _threshold = newThreshold;
    }

    function _checkPredecessor(bytes32 predecessor, uint256 size, bytes32 root) private view {
        IAnchor.Head memory head;
        if (predecessor != 0) {
            head = _anchors.headOf(predecessor);
            if (head.state == IAnchor.LogState.Unknown) revert LogNotRegistered(predecessor);
            if (head.state == IAnchor.LogState.Open) revert PredecessorOpen(predecessor);
            if (_successors[predecessor] != 0) revert SuccessorExists(predecessor, _successors[predecessor]);
        }
        if (head.size != size || head.root != root) revert PredecessorMismatch(predecessor, head.size, head.root);
    }

    /// @dev Number of bits set; one turn a bit.
    function _count(uint256 bits) private pure returns (uint256 count) {
        for (; bits != 0; bits &= bits - 1) {
            ++count;
        }
    }
}
