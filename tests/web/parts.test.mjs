/** Parts that the corpus reaches only in passing, against published vectors and a chain that really ran. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { root, sources } from "./sources.mjs";

const names = "bytes chain documents failure header json logs merkle note qbft rlp sentences texts trust verify view".split(" ");
const { bytes, chain, documents, failure, header, json, logs, merkle, note, qbft, rlp, sentences, texts, trust, verify, view } =
  await sources(...names);
const vectors = (name) => JSON.parse(readFileSync(join(root, "tests/vectors", name), "utf8"));
const object = (text) => json.readObject(bytes.utf8(text), 100_000);
const refuses = (act) => assert.throws(act, failure.Failure);

describe("JSON", () => {
  test("a member named __proto__ is a member", () => {
    assert.equal(object('{"__proto__": {"polluted": 1}}').get("__proto__").get("polluted"), 1);
    assert.equal({}.polluted, undefined);
  });
  test("names of Object.prototype are no escapes and no members", () => {
    refuses(() => object('{"a": "\\constructor"}'));
    refuses(() => json.members(object("{}"), "x", "toString"));
  });
  test("what is no JSON", () => {
    const values = ["", "tru", "nul", "-", "+1", "01", "1.", ".5", "1e1", "0x1", '"', "'a'", '"\\u12g4"', '"\\u12"', '"\\x"', "[1,]", "[,1]", "[1 2]", "{", "1 2"];
    for (const value of values) refuses(() => object(`{"a": ${value}}`));
    for (const text of ["", " ", "[]", '"a"', "null", '{"a" 1}', '{"a": 1,}', "{a: 1}", "{} {}", "\u00a0{}"]) refuses(() => object(text));
  });
  test("canonical form sorts, escapes and writes UTF-8", () => {
    const text = '{ "b" : [1, -2, true, null], "a": "\\u0001\\n\\"\\\\\\/\\u007f\\ud83d\\ude00 材" }';
    const wanted = '{"a":"\\u0001\\n\\"\\\\/\u007f\u{1f600} 材","b":[1,-2,true,null]}';
    assert.equal(bytes.fromUtf8(json.canonical(object(text))), wanted);
  });
  test("exactly 32 levels", () => {
    const nested = (levels) => `{"a":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;
    object(nested(32));
    refuses(() => object(nested(33)));
  });
});

describe("base64", () => {
  test("writes what others write", () => {
    for (let size = 0; size < 70; size++) {
      const value = Uint8Array.from({ length: size }, (_, i) => (i * 37 + size) & 255);
      assert.equal(bytes.base64(value), Buffer.from(value).toString("base64"));
      assert.deepEqual(bytes.fromBase64(bytes.base64(value)), value);
    }
  });
  test("one spelling only", () => {
    for (const text of ["A", "AA", "AAA", "AB==", "AAB=", "AA=A", "====", "AA==\n", "-_==", "AAAA="]) {
      refuses(() => bytes.fromBase64(text));
    }
  });
});

describe("RLP", () => {
  test("lengths around each border", () => {
    for (const size of [0, 1, 55, 56, 255, 256, 70_000]) {
      const value = new Uint8Array(size).fill(200);
      assert.deepEqual(rlp.string(rlp.encode(value)), value);
      assert.deepEqual(rlp.strings(rlp.join([rlp.encode(value), rlp.EMPTY])), [value, new Uint8Array()]);
    }
  });
  test("examples of the yellow paper", () => {
    const words = ["cat", "dog"].map((word) => rlp.encode(bytes.utf8(word)));
    assert.equal(bytes.hex(rlp.join(words)), "c88363617483646f67");
    const one = rlp.join([rlp.EMPTY_LIST]);
    assert.equal(bytes.hex(rlp.join([rlp.EMPTY_LIST, one, rlp.join([rlp.EMPTY_LIST, one])])), "c7c0c1c0c3c0c1c0");
    assert.deepEqual(rlp.split(bytes.fromHex("c7c0c1c0c3c0c1c0")).map(bytes.hex), ["c0", "c1c0", "c3c0c1c0"]);
  });
  test("other encodings of the same", () => {
    const broken = ["8100", "b800", "b80100", "b90001aa", "82aa", "8080", "bfffffffffffffffff", "", "c0"];
    for (const text of broken) refuses(() => rlp.string(bytes.fromHex(text)));
    const lists = ["c101ff", "f800", "f80100", "c28100", "c182", "c2c2c0", "ffffffffffffffffff", "", "80", "c000"];
    for (const text of lists) refuses(() => rlp.split(bytes.fromHex(text)));
  });
});

describe("Merkle paths", () => {
  const { leaves, roots } = vectors("ledger/merkle.json");
  const held = leaves.map((leaf) => Uint8Array.from(Buffer.from(leaf, "hex")));
  const hashes = (from, to) => held.slice(from, to).map((leaf) => merkle.leafHash(leaf));

  /** RFC 9162 2.1.1 and 2.1.3.1, by their recursive definitions. */
  const splitOf = (count) => 2 ** Math.floor(Math.log2(count - 1));
  const rootOf = (nodes) => {
    if (nodes.length === 1) return nodes[0];
    const k = splitOf(nodes.length);
    const inner = Buffer.concat([Buffer.of(1), rootOf(nodes.slice(0, k)), rootOf(nodes.slice(k))]);
    return new Uint8Array(createHash("sha256").update(inner).digest());
  };
  const pathOf = (index, nodes) => {
    if (nodes.length === 1) return [];
    const k = splitOf(nodes.length);
    if (index < k) return [...pathOf(index, nodes.slice(0, k)), rootOf(nodes.slice(k))];
    return [...pathOf(index - k, nodes.slice(k)), rootOf(nodes.slice(0, k))];
  };

  test("every leaf of every tree, and no other index, size or hash", () => {
    for (let size = 1; size <= held.length; size++) {
      const root = rootOf(hashes(0, size));
      assert.equal(bytes.hex(root), roots[size]);
      for (let index = 0; index < size; index++) {
        const path = pathOf(index, hashes(0, size));
        merkle.checkInclusion(held[index], index, BigInt(size), path, root);
        for (let other = 0; other <= size; other++) {
          if (other !== index) refuses(() => merkle.checkInclusion(held[index], other, BigInt(size), path, root));
        }
        refuses(() => merkle.checkInclusion(held[index], index, BigInt(size), [...path, root], root));
        path.forEach((_, at) => {
          const broken = path.with(at, path[at].with(0, path[at][0] ^ 1));
          refuses(() => merkle.checkInclusion(held[index], index, BigInt(size), broken, root));
        });
      }
    }
  });
});

describe("verifier keys", () => {
  test("one published by others, whose base64 holds a plus sign or none", () => {
    const { vkey, other_vkey: other } = vectors("ledger/note.json");
    assert.equal(note.parseVerifierKey(vkey, note.LOG_KEY).name, "PeterNeumann");
    assert.equal(note.parseVerifierKey(other, note.LOG_KEY).name, "sum.golang.org");
    refuses(() => note.parseVerifierKey(vkey, note.WITNESS_KEY));
    refuses(() => note.parseVerifierKey(vkey.replace("c74f20a3", "c74f20a4"), note.LOG_KEY));
  });
});

describe("notes", () => {
  const root = bytes.base64(new Uint8Array(32));
  const whole = `log.example/x\n7\n${root}\nan extension\n\n\u2014 name AAAAAAA=\n`;
  test("a whole one", () => {
    assert.equal(note.parseNote(whole).size, 7n);
    assert.equal(note.parseNote(whole).text, `log.example/x\n7\n${root}\nan extension\n`);
  });
  test("control characters anywhere", () => {
    for (const sign of ["\t", "\r", "\0", "\u001f"]) {
      for (const place of ["log.", "an ", "name"]) refuses(() => note.parseNote(whole.replace(place, `${place}${sign}`)));
    }
  });
  test("an empty extension line, first or last", () => {
    for (const lines of ["", "\nan extension", "an extension\n"]) {
      refuses(() => note.parseNote(whole.replace("an extension", lines)));
    }
  });
  test("no end, no signature, no empty line", () => {
    for (const text of [whole.slice(0, -1), whole.split("\u2014")[0], whole.replace("\n\n", "\n"), `\n\n${whole}`, "\n\n"]) {
      refuses(() => note.parseNote(text));
    }
  });
});

describe("a superior that signed a malformed clear leaf", () => {
  const root = bytes.base64(new Uint8Array(32));
  const below = note.parseNote(`log.example/low\n7\n${root}\n\n\u2014 name AAAAAAA=\n`);
  const held = `${below.text}\n\u2014 other AAAAAAE=\n`;
  /** The one leaf of a tree: its inclusion holds, whatever it says. */
  const superior = (leaf, origin = "log.example/high") => ({
    leaf,
    index: 0,
    inclusion: [],
    checkpoint: { origin, size: 1n, root: merkle.leafHash(bytes.utf8(leaf)), text: "", lines: [] },
  });
  const clear = (changes, version = 1) => {
    const value = { checkpoint: held, district: "310199", time: "2026-11-21T04:00:00.000Z", type: "district.checkpoint", ...changes };
    return JSON.stringify({ clear: value, v: version });
  };
  test("is refused, and a whole one is not", () => {
    logs.checkSuperior(superior(clear({})), [below]);
    const broken = [
      clear({}, 2), clear({ type: "register.published" }), clear({ district: "31019" }), clear({ district: 310199 }),
      clear({ time: "2026-11-21" }), clear({ more: 1 }), clear({ checkpoint: held.replace("7", "8") }), ` ${clear({})}`,
      clear({}).replace("high", "\\u0068igh").replace("district.", "distric\\u0074."), '{"clear":{},"v":1}', "{}", "",
    ];
    for (const leaf of broken) refuses(() => logs.checkSuperior(superior(leaf), [below]));
    refuses(() => logs.checkSuperior(superior(clear({}), "log.example/low"), [below]));
  });
});

describe("records", () => {
  test("a mute one too many", async () => {
    const bundle = vectors("bundles/good-deposit-promised.cailian.json");
    const [entry] = bundle.sections.deposit.entries;
    bundle.sections.deposit.entries.push({ ...entry, opening: null });
    const report = await verify.verify(bytes.utf8(JSON.stringify(bundle)), null, null);
    assert.equal(report.failed?.number, 3);
  });
  test("a document of the same size, where SHA-256 alone is recorded", async () => {
    const file = bytes.utf8(JSON.stringify(vectors("bundles/good-evidence.cailian.json")));
    const document = new Uint8Array(readFileSync(join(root, "tests/vectors/bundles/documents/other.txt")));
    assert.equal((await verify.verify(file, null, document)).failed, null);
    document[0] ^= 1;
    assert.equal((await verify.verify(file, null, document)).failed?.reason, "another SHA-256");
  });
});

describe("promises", () => {
  test("of another leaf, under a path that is right", async () => {
    const bundle = vectors("bundles/good-deposit-promised.cailian.json");
    bundle.sections.deposit.entries[0].promise.leaf = "{}";
    const report = await verify.verify(bytes.utf8(JSON.stringify(bundle)), null, null);
    assert.deepEqual([report.failed?.number, report.failed?.reason], [9, "a promise for another leaf"]);
  });
});

describe("a QBFT chain that ran", () => {
  const recorded = vectors("qbft/chain.json");
  const trusted = trust.parseTrust(
    bytes.utf8(
      JSON.stringify({
        format: "cailian-trust",
        version: 1,
        logs: [{ vkey: vectors("ledger/note.json").vkey }],
        witnesses: { quorum: 0, vkeys: [] },
        chain: recorded.chain,
      }),
    ),
  ).chain;
  for (const { name, size, root, section } of recorded.sections) {
    test(`${name}: anchor and seals`, () => {
      const top = { origin: recorded.log, size: BigInt(size), root: bytes.fromHex(root) };
      const anchor = chain.checkAnchor(object(JSON.stringify(section)), top, trusted);
      const { seals, validators } = qbft.checkSeals(anchor.header, trusted.qbft);
      assert.ok(3 * seals >= 2 * validators);
      refuses(() => chain.checkAnchor(object(JSON.stringify(section)), { ...top, size: top.size + 1n }, trusted));
    });
  }
  for (const { name, hash, header: fields } of recorded.headers.filter(({ name }) => name !== "genesis")) {
    test(`${name}: block hash`, () => {
      // As a node gives them: integers in the fewest digits.
      const integers = ["difficulty", "number", "gasLimit", "gasUsed", "timestamp"];
      const bytesOf = (key, value) => {
        const digits = integers.includes(key) ? value.slice(2).replace(/^0+/, "") : value.slice(2);
        return `0x${digits.length % 2 === 0 ? digits : `0${digits}`}`;
      };
      const even = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, bytesOf(key, value)]));
      assert.equal(header.Header.parse(object(JSON.stringify(even))).blockHash(), hash);
    });
  }
});

describe("digests of a document", () => {
  test("of more than one block", async () => {
    const million = new Uint8Array(1_000_000).fill(97);
    assert.equal(
      await documents.sha256Hex(million),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", // FIPS 180-4, B.3
    );
    const abcd = bytes.utf8("abcd".repeat(16)); // GB/T 32905, A.2
    assert.equal(documents.sm3Hex(abcd), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
  });
});

describe("texts", () => {
  test("both languages say all of it", () => {
    const { zh, en } = texts.texts;
    for (const part of Object.keys(zh)) assert.deepEqual(Object.keys(zh[part]).sort(), Object.keys(en[part]).sort());
  });
});

describe("what is shown", () => {
  test("an erased record that is only promised is not said to be in the log", async () => {
    const bundle = vectors("bundles/good-deposit-promised.cailian.json");
    bundle.sections.deposit.entries[0].opening = null;
    const trusted = trust.parseTrust(bytes.utf8(JSON.stringify(vectors("bundles/trust.json"))));
    const shown = view.view(await verify.verify(bytes.utf8(JSON.stringify(bundle)), trusted, null));
    assert.deepEqual([shown.verdict, shown.standing], ["mute", "promised"]);
    assert.doesNotMatch(sentences.verdictSentence(shown, "en"), /is in the trusted log/);
    assert.doesNotMatch(sentences.verdictSentence(shown, "zh"), /日志中有/);
  });
  const withNotice = async (notice) => {
    const bundle = vectors("bundles/good-deposit.cailian.json");
    bundle.sections.notice = notice;
    const trusted = trust.parseTrust(bytes.utf8(JSON.stringify(vectors("bundles/trust.json"))));
    return view.view(await verify.verify(bytes.utf8(JSON.stringify(bundle)), trusted, null));
  };
  test("a notice of a late anchor is told as its maker's word and changes no verdict", async () => {
    const shown = await withNotice({ anchor_overdue_since: "2026-11-21T04:00:00.000Z" });
    assert.equal(shown.verdict, "proven");
    assert.ok(sentences.limitLines(shown, "en").some((line) => line.includes("since 2026-11-21 12:00:00")));
    assert.deepEqual(shown.ignored, []);
  });
  test("any other notice is named as ignored", async () => {
    for (const notice of [null, 7, { anchor_overdue_since: "long ago" }, { anchor_overdue_since: 0 }]) {
      assert.deepEqual((await withNotice(notice)).ignored, ["notice"]);
    }
  });
  const shownWith = async (name, document, change = () => undefined) => {
    const bundle = vectors(`bundles/${name}.cailian.json`);
    change(bundle);
    const trusted = trust.parseTrust(bytes.utf8(JSON.stringify(vectors("bundles/trust.json"))));
    const file = new Uint8Array(readFileSync(join(root, `tests/vectors/bundles/documents/${document}.txt`)));
    return view.view(await verify.verify(bytes.utf8(JSON.stringify(bundle)), trusted, file));
  };
  test("a derived copy, data and an answer are told from the original", async () => {
    for (const [name, document, zh, en] of [
      ["good-use-of-a-licence", "copy", /加注件（不是证照原件）/, /derived copy \(not the original\)/],
      ["good-derived", "copy", /加注件（不是证照原件）/, /derived copy \(not the original\)/],
      ["good-derived-data", "data", /照面数据与记录一致（不是证照原件）/, /not the original/],
      ["good-derived-answer", "answer", /核验答复与记录一致（不是证照原件）/, /not the original/],
      ["good-licence", "licence", /证照原件（不是加注件）/, /as issued \(no derived copy\)/],
      ["good-licence", "licence-ofd", /证照原件（OFD，不是加注件）/, /as issued \(in OFD/],
    ]) {
      const shown = await shownWith(name, document);
      assert.match(sentences.verdictSentence(shown, "zh"), zh);
      assert.match(sentences.verdictSentence(shown, "en"), en);
    }
  });
  test("an original in the copy's place is called one, and what to do is said", async () => {
    const shown = await shownWith("good-use-of-a-licence", "licence");
    assert.deepEqual([shown.verdict, shown.failed.number, shown.documentIs], ["failed", 4, "original"]);
    assert.equal(sentences.verdictTitle(shown, "zh"), "是原件，不是加注件");
    assert.equal(sentences.verdictTitle(shown, "en"), "The original, not the copy");
    assert.match(sentences.verdictSentence(shown, "zh"), /是证照原件，不是这次调用给出的加注件/);
    assert.deepEqual(Object.keys(sentences.advice(shown, "en")), ["means", "act"]);
    const other = await shownWith("good-use-of-a-licence", "other");
    assert.deepEqual([other.documentIs, sentences.verdictTitle(other, "zh")], [null, "文件不符"]);
  });
  test("a copy given with the issue of its licence is sent to the receipt", async () => {
    const shown = await shownWith("good-licence", "copy");
    assert.match(sentences.advice(shown, "zh").act, /若是加注件，请改用那次调用的回执/);
    assert.match(sentences.advice(shown, "en").act, /derived copy, check it with the receipt/);
  });
  test("what a document is, is told of nothing that a later step refuted", async () => {
    const spoil = (bundle) => (bundle.sections.derived.entries[0].index += 1);
    const shown = await shownWith("good-use-of-a-licence", "copy", spoil);
    assert.deepEqual([shown.failed.name, shown.documentIs], ["inclusion", null]);
  });
  test("the file's digests are those of the copy, and the original's are named as such", async () => {
    const shown = await shownWith("good-use-of-a-licence", "copy");
    const facts = new Map(shown.facts.map(({ name, value }) => [name, value]));
    const { digests, parent } = vectors("bundles/good-use-of-a-licence.cailian.json").sections.derived.entries[0].opening.fact.content;
    assert.deepEqual([facts.get("sha256"), facts.get("originalSha256")], [digests.sha256, parent.sha256]);
    assert.deepEqual([facts.get("released"), facts.get("copyTo")], ["copy", "2026-12-21T04:00:00.000Z"]);
    assert.ok(shown.limits.includes("copy-period"));
  });
  const consentOf = async (name, { trusted = "trust", change = () => undefined } = {}) => {
    const bundle = vectors(`bundles/${name}.cailian.json`);
    change(bundle);
    const held = trust.parseTrust(bytes.utf8(JSON.stringify(vectors(`bundles/${trusted}.json`))));
    const shown = view.view(await verify.verify(bytes.utf8(JSON.stringify(bundle)), held, null));
    assert.equal(shown.failed, null, shown.failed?.reason);
    return { ...shown, facts: new Map(shown.facts.map(({ name: fact, value }) => [fact, value])) };
  };
  const loginIn = (token) => {
    const { sub, iss } = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
    return `${sub} (${iss})`;
  };
  const keptOf = (name) => vectors(`bundles/${name}.cailian.json`).sections.grant.consent.signature;
  test("who signed is named as a login, and whose that is as what no bundle proves", async () => {
    const [own, keyed] = ["good-consent-withdrawn-oidc", "good-consent-by-passkey"];
    for (const [name, login] of [[own, loginIn(keptOf(own))], [keyed, loginIn(JSON.parse(keptOf(keyed)).enrolment.id_token)]]) {
      const { facts, limits } = await consentOf(name);
      assert.equal(facts.get("login"), login);
      assert.ok(limits.includes("whose-login") && !limits.includes("withdrawal-not-shown") && !limits.includes("consent-untrusted"));
    }
    const { facts, limits } = await consentOf("good-consent-at-counter");
    assert.deepEqual([facts.has("login"), facts.get("signedBy"), limits.includes("whose-login")], [false, "counter", true]);
  });
  test("a login nobody vouches for is not named", async () => {
    const { facts, limits } = await consentOf("good-consent-withdrawn-oidc", { trusted: "trust-no-signers" });
    assert.equal(facts.has("login"), false);
    assert.ok(limits.includes("consent-untrusted") && !limits.includes("whose-login") && !limits.includes("withdrawal-not-shown"));
  });
  test("a withdrawal that is not shown is said to be that, and nothing else", async () => {
    const change = (bundle) => delete bundle.sections.grant.consent.withdrawal;
    const { limits } = await consentOf("good-consent-withdrawn-oidc", { change });
    assert.ok(limits.includes("withdrawal-not-shown") && !limits.includes("consent-untrusted"));
    for (const language of texts.LANGUAGES) assert.ok(texts.texts[language].limits["withdrawal-not-shown"]);
  });
  test("a file cannot drive a terminal or turn text around", () => {
    const step = { number: 1, name: "form", status: "failed", reason: "\u001b[2J\u202eabc\u0085\n" };
    const shown = view.view({ verdict: "failed", isTrusted: false, steps: [step], failed: step, bundle: null, anchor: null });
    assert.equal(shown.failed.reason, "\\u{1b}[2J\\u{202e}abc\\u{85}\\u{a}");
  });
});
