/** `check-aof`, compared with the real redis-check-aof. */
import { assertEquals } from "@std/assert";
import { checkAof } from "../../../src/persistence/aof/check.ts";
import { realRedis } from "../../support/real.ts";
import { commands, LogDir } from "./log_dir.ts";

Deno.test.sanitizer({ ops: true, resources: true });

interface Outcome {
  code: number;
  text: string;
}

/** What ours prints, without its summary, and the exit code. */
function ours(args: string[], answer = ""): Outcome {
  let text = "";
  const code = checkAof(args, {
    print: (part) => void (text += part),
    answer: () => answer,
  });
  return { code, text: text.replace(/^Summary: .*\n/m, "") };
}

/** What the real one prints; manifests' errors without the log's frame. */
async function theirs(args: string[], answer = ""): Promise<Outcome> {
  const child = new Deno.Command("redis-check-aof", {
    args,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const input = child.stdin.getWriter();
  // It may have ended without asking.
  await input.write(new TextEncoder().encode(answer)).catch(() => {});
  await input.close().catch(() => {});
  const { code, stdout } = await child.output();
  const text = Array.from(stdout, (byte) => String.fromCharCode(byte)).join("")
    .replace(/^\d+:C .*? # /gm, "").replace(/\n\n+/g, "\n")
    .replace(/^\n/gm, "")
    // Behind the end of a line it prints what was in memory.
    .replace(/got: 00\w+$/gm, "got: 0000");
  return { code, text };
}

const TEXT = "#TS:1628217470\r\n" +
  commands(["SET", "foo", "hello"], ["MULTI"], ["INCR", "n"], ["EXEC"]) +
  "#TS:1628217472\r\n" + commands(["SET", "bar", "12345678"]);

const ignore = !realRedis();

Deno.test({
  name: "torn and damaged files get the words of redis-check-aof",
  ignore,
  async fn() {
    using dir = new LogDir();
    const path = `${dir.path}/log.aof`;
    const texts: string[] = [];
    for (let size = 0; size <= TEXT.length; size += 3) {
      texts.push(TEXT.slice(0, size));
    }
    for (let at = 0; at < TEXT.length; at += 2) {
      const flipped = TEXT.charCodeAt(at) ^ (1 << (at / 2 % 8));
      texts.push(
        TEXT.slice(0, at) + String.fromCharCode(flipped) + TEXT.slice(at + 1),
      );
    }
    texts.push(
      TEXT + commands(["EXEC"]),
      TEXT + commands(["MULTI"], ["MULTI"]),
      TEXT + "*1\r\n$-4\r\n",
      TEXT + "*1\r\n$99999999999999999999\r\n",
      TEXT + "*1\r\n$ 4\r\nPING\r\n",
      TEXT + "*1\r\n$x\r\nPING\r\n",
      TEXT + "*1\r\n$4\nPING\r\n",
      TEXT + "*0\r\n*-3\r\n",
      TEXT + "*1\r\n$4\r\nPING\xff\xfe",
    );
    for (const text of texts) {
      dir.writeOutside("log.aof", text);
      assertEquals(ours([path]), await theirs([path]), JSON.stringify(text));
    }
  },
});

Deno.test({
  name: "files are mended and cut to a time as redis-check-aof does it",
  ignore,
  async fn() {
    using dir = new LogDir();
    const path = `${dir.path}/log.aof`;
    const rows: [string, string[], string][] = [
      [TEXT.slice(0, -3), ["--fix"], "y\n"],
      [TEXT.slice(0, -3), ["--fix"], "n\n"],
      [TEXT, ["--fix"], "y\n"],
      [TEXT, ["--truncate-to-timestamp", "1628217471"], ""],
      [TEXT, ["--truncate-to-timestamp", "1628217472"], ""],
      [TEXT, ["--truncate-to-timestamp", "1628217469"], ""],
      ["#TS:x\r\n" + TEXT, ["--truncate-to-timestamp", "5"], ""],
      [TEXT, ["--truncate-to-timestamp", "5x"], ""],
    ];
    for (const [text, args, answer] of rows) {
      dir.writeOutside("log.aof", text);
      const expected = await theirs([...args, path], answer);
      const size = Deno.statSync(path).size;
      dir.writeOutside("log.aof", text);
      assertEquals(ours([...args, path], answer), expected);
      assertEquals(Deno.statSync(path).size, size);
    }
  },
});

Deno.test({
  name: "a manifest's files are checked as redis-check-aof does it",
  ignore,
  async fn() {
    using dir = new LogDir();
    const path = `${dir.path}/appendonlydir/appendonly.aof.manifest`;
    const base = "file base seq 1 type b", incr = "file incr seq 1 type i";
    const rows: [string[], Record<string, string>, string[]][] = [
      [[base, incr], { base: TEXT, incr: TEXT }, []],
      [[base, incr], { base: "", incr: "" }, []],
      [[incr], { incr: TEXT.slice(0, -1) }, []],
      [[incr], { incr: TEXT.slice(0, -1) }, ["--fix"]],
      [[base, incr], { base: TEXT.slice(0, -1), incr: TEXT }, ["--fix"]],
      [[base], { base: "REDIS0011 and what is no RDB" }, []],
      [["#", "", base], {}, []],
      [[base, "file x seq 1 type y"], {}, []],
      [
        [base, incr],
        { base: TEXT, incr: TEXT },
        ["--truncate-to-timestamp", "1628217471"],
      ],
    ];
    for (const [lines, files, args] of rows) {
      const write = () => {
        dir.manifest(...lines);
        for (const [name, text] of Object.entries(files)) dir.write(name, text);
      };
      write();
      const expected = await theirs([...args, path], "y\n");
      write();
      const found = ours([...args, path], "y\n");
      // What is wrong with an RDB file is said in other words.
      const plain = ({ code, text }: Outcome) => ({
        code,
        text: text.replace(/^(\[|---).*\n(.*\n)*?(?=RDB pre)/m, ""),
      });
      assertEquals(plain(found), plain(expected), lines.join());
    }
  },
});

Deno.test("what was checked is summed up", () => {
  using dir = new LogDir();
  dir.manifest("file a seq 1 type i", "file b seq 2 type i");
  dir.write("a", TEXT);
  dir.write("b", "");
  let text = "";
  const path = `${dir.path}/appendonlydir/appendonly.aof.manifest`;
  checkAof([path], { print: (part) => void (text += part), answer: () => "" });
  assertEquals(
    text.trim().split("\n").at(-1),
    `Summary: 2 files, ${TEXT.length} bytes, 5 commands, 1 transactions`,
  );
});

Deno.test("a call without a file says how to call it", () => {
  for (const args of [[], ["--fix", "a", "b"], ["-x", "a"]]) {
    assertEquals(ours(args).code, 1);
    assertEquals(ours(args).text.slice(0, 25), "Usage: main.ts check-aof ");
  }
});
