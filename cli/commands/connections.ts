import { z } from "zod";
import { connectionKinds, findConnectionKind } from "../../flow/connection-catalog";
import type { Command, CommandInput } from "../command";
import { CommandFailure, refuseUsage } from "../failure";
import { pairOption, textOption } from "../options";
import { writeTable } from "../table";

export const connections: Command = {
  usage: "connections",
  summary: "List the connections",
  needs: 0,
  async run(input) {
    const found = await input.client.connections.list.query();
    const text = writeTable(found, [
      { title: "name", value: (connection) => connection.name },
      { title: "kind", value: (connection) => connection.kind },
      { title: "config", value: ({ config }) => writeConfig(config) },
      { title: "secrets set", value: (connection) => connection.secretsSet.join(", ") },
      { title: "missing", value: (connection) => connection.missing.join(" ") },
      { title: "used by", value: (connection) => connection.usedBy.join(", ") },
    ]);
    return { data: found, text: found.length === 0 ? "There are no connections yet. `connect NAME` makes one." : text };
  },
};

export const connect: Command = {
  usage: "connect NAME [--kind KIND] [--set FIELD=VALUE …] [--secret FIELD=@FILE|env:NAME …] [--test]",
  summary: "Make or change a connection",
  needs: 1,
  options: {
    kind: { type: "string" },
    set: { type: "string", multiple: true },
    secret: { type: "string", multiple: true },
    test: { type: "boolean" },
  },
  async run(input) {
    const name = input.args[0]!;
    const existing = (await input.client.connections.list.query()).find((connection) => connection.name === name);
    const kind = textOption(input, "kind") ?? existing?.kind;
    if (kind === undefined) {
      throw refuseUsage(
        `There is no connection “${name}” yet: say which kind it is (${connectionKinds.map((each) => each.kind).join(", ")}).`,
        connect.usage,
      );
    }
    const config = { ...existing?.config, ...readSettings(kind, pairOption(input, "set")) };
    const secrets = await readSecrets(input);
    const { created } = await input.client.connections.save.mutate({ name, kind, config, secrets });
    const saved = (await input.client.connections.list.query()).find((connection) => connection.name === name);
    const data = { created, connection: saved };
    const lines = [`${created ? "Made" : "Changed"} the connection ${name} (${kind}).`, ...(saved?.missing ?? [])];
    if (input.options.test !== true) return { data, text: lines.join("\n") };
    const tested = await input.client.connections.test.mutate({ ref: { name } });
    if (!tested.ok)
      return {
        data: { ...data, tested },
        text: lines.join("\n"),
        failure: `${name} cannot be reached: ${tested.cause.message} (${tested.cause.code})`,
      };
    return {
      data: { ...data, tested },
      text: [...lines, `Reached: ${tested.reached}, ${Math.round(tested.tookMs)} ms.`].join("\n"),
    };
  },
};

/** Settings with the types of the kind's fields: `tls=true` is a boolean, `headers.x-team=a` an entry of a map. */
export function readSettings(kind: string, pairs: readonly [string, string][]): Record<string, unknown> {
  const schema = findConnectionKind(kind)?.config;
  const fields = schema
    ? ((z.toJSONSchema(schema, { io: "input" }).properties ?? {}) as Record<string, { type?: string }>)
    : {};
  const settings: Record<string, unknown> = {};
  for (const [path, text] of pairs) {
    const [field = "", ...rest] = path.split(".");
    const type = fields[field]?.type;
    if (rest.length > 0 && type === "object") {
      settings[field] = { ...(settings[field] as Record<string, string> | undefined), [rest.join(".")]: text };
    } else settings[path] = readSetting(path, text, type);
  }
  return settings;
}

function readSetting(path: string, text: string, type: string | undefined): unknown {
  if (type === "boolean") {
    if (text === "true" || text === "false") return text === "true";
    throw refuseUsage(`${path} is true or false, not “${text}”.`);
  }
  if (type === "integer" || type === "number") {
    const value = Number(text);
    if (text !== "" && !Number.isNaN(value)) return value;
    throw refuseUsage(`${path} is a number, not “${text}”.`);
  }
  return text;
}

/** Secrets come from files or the environment: on the command line they would stay in the shell's history. */
async function readSecrets(input: CommandInput): Promise<Record<string, string>> {
  const secrets: Record<string, string> = {};
  for (const [field, from] of pairOption(input, "secret")) {
    if (from.startsWith("@")) secrets[field] = (await input.readFile(from.slice(1))).replace(/\r?\n$/, "");
    else if (from.startsWith("env:")) {
      const value = input.env[from.slice(4)];
      if (value === undefined) throw new CommandFailure(`${from.slice(4)} is not set in the environment.`);
      secrets[field] = value;
    } else if (from === "") secrets[field] = "";
    else
      throw refuseUsage(
        `Give the secret ${field} as @FILE or env:NAME: on the command line it would stay in the shell's history.`,
        connect.usage,
      );
  }
  return secrets;
}

function writeConfig(config: Record<string, unknown>): string {
  return Object.entries(config)
    .filter(([, value]) => value !== "" && value !== false && value !== "none")
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
}
