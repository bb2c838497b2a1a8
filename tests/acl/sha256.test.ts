import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { sha256 } from "../../src/acl/sha256.ts";
import { bytesOf } from "../dispatch/harness.ts";
import { Random } from "../support/random.ts";

Deno.test("SHA-256 gives the digests that the standard shows", () => {
  const vectors: [message: string, digest: string][] = [
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ],
    [
      "a".repeat(1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
    ],
  ];
  for (const [message, digest] of vectors) {
    assertEquals(sha256(bytesOf(message)).toHex(), digest);
  }
});

Deno.test("SHA-256 agrees with another one at every length around a chunk", () => {
  const random = new Random(20261121);
  for (let length = 0; length < 200; length++) {
    // A view that begins somewhere in its buffer.
    const bytes = Uint8Array.from({ length: length + 3 }, () => random.int(256))
      .subarray(3);
    assertEquals(
      sha256(bytes).toHex(),
      createHash("sha256").update(bytes).digest("hex"),
      `length ${length}`,
    );
  }
});
