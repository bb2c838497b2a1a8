/** What the first bytes of a TLS client are taken for. */
import { assertEquals } from "@std/assert";
import { helloState } from "../../src/net/client_hello.ts";

/** Records of a ClientHello with so many bytes after its header. */
function hello(byteCount: number, recordBytes = 16_384): Uint8Array {
  const message = new Uint8Array(4 + byteCount).fill(7);
  message.set([1, byteCount >> 16, byteCount >> 8, byteCount]);
  const bytes: number[] = [];
  for (let at = 0; at < message.length; at += recordBytes) {
    const part = message.subarray(at, at + recordBytes);
    bytes.push(22, 3, 1, part.length >> 8, part.length & 0xff, ...part);
  }
  return Uint8Array.from(bytes);
}

Deno.test("a ClientHello is complete with its last byte, in one record or more", () => {
  for (const bytes of [hello(0), hello(300), hello(300, 50), hello(9, 4)]) {
    for (let count = 0; count < bytes.length; count++) {
      const state = helloState(bytes.subarray(0, count));
      assertEquals(state, "incomplete", `${count} of ${bytes.length}`);
    }
    assertEquals(helloState(bytes), "complete");
    const more = Uint8Array.from([...bytes, 1, 2, 3]);
    assertEquals(helloState(more), "complete");
  }
});

Deno.test("what is no ClientHello is known as soon as it can be", () => {
  const utf8 = new TextEncoder();
  for (const text of ["P", "*1\r\n$4\r\nPING\r\n", "GET / HTTP/1.1\r\n"]) {
    assertEquals(helloState(utf8.encode(text)), "alien");
  }
  const wrong: [string, number[]][] = [
    ["another major version", [22, 2]],
    ["an empty record", [22, 3, 1, 0, 0]],
    ["a record that is too long", [22, 3, 1, 0x40, 1]],
    ["another message", [22, 3, 1, 0, 9, 2]],
    ["a header in pieces", [22, 3, 1, 0, 3, 1, 0, 0]],
    ["a message that is too long", [22, 3, 1, 0, 9, 1, 1, 0, 0]],
    ["another record in between", [...hello(300, 50).subarray(0, 55), 23]],
  ];
  for (const [what, bytes] of wrong) {
    assertEquals(helloState(Uint8Array.from(bytes)), "alien", what);
  }
});
