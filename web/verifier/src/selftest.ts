/**
 * Known answers, asked before anything is verified: a browser or build in which one is wrong must give no verdict.
 *
 * It also runs the slow functions often enough that the first bundle does not wait for their compilation.
 */

import { equal, fromHex, hex, utf8 } from "./bytes.ts";
import { sha256Hex, sm3Hex } from "./documents.ts";
import { keccak256, sha256 } from "./hashes.ts";
import { ed25519Good, recoverAddress } from "./signatures.ts";

const ROUNDS = 8;

/** "abc" hashed: FIPS 180-4 example, GB/T 32905 A.1, and Keccak-256 as of Ethereum. */
const ABC = {
  sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  sm3: "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
  keccak256: "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45",
};

/** RFC 8032 7.1, test 2: a message of one byte. */
const ED25519 = {
  key: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
  message: "72",
  signature:
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
};

/** Made with eth-keys by the private key of 32 bytes 0x01 over keccak256("cailian"). */
const RECOVERY = {
  signature:
    "dea56c818a37ad45b4f195b86a46b60b7e608c35a0850816661d0a80c6ad503e" +
    "4d5546819d41b0512f311ede81e7c60e6e23eade1f0ff17be5461eb916e75b72",
  recovery: 1,
  address: "1a642f0e3c3af545e7acbd38b07251b3990914f1",
};

/** Raise an ordinary error, which is no `Failure`, unless every answer is the known one. */
export async function selfTest(): Promise<void> {
  const abc = Uint8Array.from(utf8("abc"));
  check("SHA-256", hex(sha256(abc)) === ABC.sha256 && (await sha256Hex(abc)) === ABC.sha256);
  check("SM3", sm3Hex(abc) === ABC.sm3);
  check("Keccak-256", hex(keccak256(abc)) === ABC.keccak256);
  const [key, message] = [fromHex(ED25519.key), fromHex(ED25519.message)];
  const [good, bad] = [fromHex(ED25519.signature), fromHex(ED25519.signature)];
  bad[0] = 0;
  const hash = keccak256(utf8("cailian"));
  const address = fromHex(RECOVERY.address);
  for (let round = 0; round < ROUNDS; round++) {
    check("Ed25519", (await ed25519Good(key, message, good)) && !(await ed25519Good(key, message, bad)));
    const signer = recoverAddress(hash, fromHex(RECOVERY.signature), RECOVERY.recovery);
    check("secp256k1", signer !== null && equal(signer, address));
  }
}

function check(name: string, isRight: boolean): void {
  if (!isRight) throw new Error(`self-test of ${name} failed`);
}
