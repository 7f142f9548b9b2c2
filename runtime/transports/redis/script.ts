import { createHash } from "node:crypto";
import type { RedisClient } from "./server";

/** Lua that the server runs all or nothing. Its keys are in one slot of a cluster. */
export class Script {
  readonly #digest: string;

  constructor(readonly lua: string) {
    this.#digest = createHash("sha1").update(lua).digest("hex");
  }

  /** Answers are bytes. */
  async run(
    client: RedisClient,
    keys: readonly string[],
    args: readonly (string | number | Buffer)[],
  ): Promise<unknown> {
    try {
      return await client.callBuffer("EVALSHA", this.#digest, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return client.callBuffer("EVAL", this.lua, keys.length, ...keys, ...args);
    }
  }
}
