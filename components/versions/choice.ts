import type { VersionSummary } from "@/server/views";

/** One side of a comparison: a version by its number, what is deployed, the draft; nothing before the first version. */
export type Side = number | "running" | "draft" | "nothing";

/** What is compared with what. */
export interface Choice {
  from: Side;
  to: Side;
}

/** What an address asks for; what it leaves out is the version before. */
export function readChoice(
  asked: { get(name: string): string | null },
  versions: readonly Pick<VersionSummary, "number" | "running">[],
): Choice {
  const known = new Set(versions.map(({ number }) => number));
  const read = (text: string | null): Side | null => {
    if (text === "draft") return text;
    if (text === "running") return versions.length > 0 ? text : null;
    return text !== null && known.has(Number(text)) ? Number(text) : null;
  };
  const usual = versions.find(({ running }) => running)?.number ?? versions[0]?.number ?? "draft";
  const to = read(asked.get("to")) ?? read(asked.get("version")) ?? usual;
  return { from: read(asked.get("from")) ?? sideBefore(to, versions), to };
}

/** The version before one; before the draft what is deployed. */
export function sideBefore(side: Side, versions: readonly Pick<VersionSummary, "number" | "running">[]): Side {
  if (side === "draft") return versions.length > 0 ? "running" : "nothing";
  const number = side === "running" ? versions.find(({ running }) => running)?.number : side;
  return versions.find((version) => typeof number === "number" && version.number < number)?.number ?? "nothing";
}

/** The choice as an address holds it. */
export function writeChoice({ from, to }: Choice): string {
  return `?from=${from}&to=${to}`;
}

/** `v3`, `Draft`, `Deployed`. */
export function wordSide(side: Side): string {
  if (typeof side === "number") return `v${side}`;
  return { running: "deployed", draft: "draft", nothing: "nothing" }[side];
}
