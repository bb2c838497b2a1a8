/** A server with a directory of its own, which outlives restarts. */
import type { GivenValues } from "../../src/server/config/config.ts";
import { type Client, connect } from "../support/client.ts";
import { embed, type Embedded, until } from "./embedded.ts";

export class House implements AsyncDisposable {
  readonly dir = Deno.makeTempDirSync({ prefix: "keysaur-" });
  readonly values: GivenValues;
  embedded!: Embedded;
  client!: Client;

  constructor(values: GivenValues = {}) {
    this.values = { dir: this.dir, "enable-debug-command": "yes", ...values };
  }

  async open(values: GivenValues = {}): Promise<this> {
    this.embedded = await embed({ ...this.values, ...values });
    this.client = await connect(this.embedded.port);
    return this;
  }

  async restart(values: GivenValues = {}): Promise<void> {
    this.client.close();
    await this.embedded.server.stop();
    await this.open(values);
  }

  call(line: string): Promise<unknown> {
    return this.client.call(...line.split(" "));
  }

  /** The same, with errors as texts. */
  async say(line: string): Promise<string> {
    try {
      return String(await this.call(line));
    } catch (error) {
      return (error as Error).message;
    }
  }

  get persistence() {
    return this.embedded.server.persistence;
  }

  async info(section = "persistence"): Promise<Record<string, string>> {
    const text = String(await this.call(`INFO ${section}`));
    return Object.fromEntries(
      text.split("\r\n").filter((line) => line.includes(":"))
        .map((line) => line.split(/:(.*)/s).slice(0, 2)),
    );
  }

  /** Until a dump or rewrite is done. */
  async idle(): Promise<void> {
    const { persistence } = this;
    await until(
      "the end of a dump",
      () => !persistence.isSaving && !persistence.isRewriting,
    );
  }

  get names(): string[] {
    return [...Deno.readDirSync(this.dir)].map(({ name }) => name).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    await this.embedded.server.stop({ save: "nosave", force: true });
    await Deno.remove(this.dir, { recursive: true });
  }
}

export const openHouse = (values: GivenValues = {}) => new House(values).open();

/** Values of every type, and then some. */
export async function fill(house: House): Promise<void> {
  const many = Array.from({ length: 500 }, (_, i) => `key:${i} value:${i}`);
  for (
    const line of [
      `MSET ${many.join(" ")}`,
      "SET string text",
      "SET number 77",
      "SET later x PX 100000000",
      "RPUSH list a b c",
      "SADD set a b c 1",
      "SADD intset 1 2 3",
      "HSET hash a 1 b 2",
      "ZADD zset 1.5 a -inf b",
      "SELECT 9",
      "SET nine 9",
      "SELECT 0",
    ]
  ) await house.call(line);
}
