/** Merkle Patricia proofs of presence (Ethereum yellow paper, appendix D), as strictly as docs/evidence.md 2.3 says. */

import { equal } from "./bytes.ts";
import { demand } from "./failure.ts";
import { keccak256 } from "./hashes.ts";
import { strings } from "./rlp.ts";

/** Value under a 32-byte key, or a `Failure`; `nodes` lead from the root to the leaf and hold nothing else. */
export function valueAt(root: Uint8Array, key: Uint8Array, nodes: readonly Uint8Array[]): Uint8Array {
  const path = nibbles(key);
  let wanted = root;
  let at = 0;
  for (const [i, encoded] of nodes.entries()) {
    demand(equal(keccak256(encoded), wanted), "a node is not the one its parent names");
    const node = strings(encoded);
    if (node.length === 17) {
      const nibble = path[at++];
      demand(nibble !== undefined, "the path ends inside a branch");
      const child = node[nibble];
      demand(child !== undefined && child.length !== 0, "the key is absent");
      wanted = child;
      continue;
    }
    const [prefix, value] = node;
    demand(node.length === 2 && prefix !== undefined && value !== undefined, "a node is neither branch nor path");
    const { isLeaf, piece } = hexPrefix(prefix);
    demand(piece.every((nibble, j) => nibble === path[at + j]), "the key is absent");
    at += piece.length;
    if (isLeaf) {
      demand(at === path.length, "the path is not used up at the leaf");
      demand(i === nodes.length - 1, "nodes after the leaf");
      return value;
    }
    wanted = value;
  }
  demand(false, "no leaf");
}

function nibbles(bytes: Uint8Array): number[] {
  return [...bytes].flatMap((byte) => [byte >> 4, byte & 15]);
}

/** Hex-prefix encoding (appendix C): bit 1 of the first nibble says leaf, bit 0 that the path is odd. */
function hexPrefix(bytes: Uint8Array): { isLeaf: boolean; piece: number[] } {
  const [flag, pad, ...rest] = nibbles(bytes);
  demand(flag !== undefined && pad !== undefined && flag <= 3, "malformed path piece");
  const isOdd = (flag & 1) === 1;
  demand(isOdd || pad === 0, "malformed path piece");
  return { isLeaf: flag >= 2, piece: isOdd ? [pad, ...rest] : rest };
}
