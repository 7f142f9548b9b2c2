import type { RunState } from "../flow/control";
import { durationPattern, parseDuration } from "../flow/duration";
import type { RunFilter } from "../server/views";
import type { Command, CommandInput } from "./command";
import { refuseUsage } from "./failure";
import { numberOption, textOption } from "./options";

const states: readonly RunState[] = ["done", "dropped", "parked", "failed", "dead"];

/** What `find` and `runs` both take to narrow their list. */
export const filterOptions = {
  flow: { type: "string" },
  version: { type: "string" },
  node: { type: "string" },
  state: { type: "string", multiple: true },
  failed: { type: "boolean" },
  since: { type: "string" },
  until: { type: "string" },
  longer: { type: "string" },
  attempts: { type: "string" },
  limit: { type: "string" },
} as const satisfies Command["options"];

/** The same as their usage has it, but for the flow. */
export const filterUsage =
  "[--version N] [--node NODE] [--state S …] [--failed] [--since AGE|TIME] [--until AGE|TIME] [--longer MS] [--attempts N] [--limit N]";

/** Reads the options that narrow a list of runs. @throws CommandFailure */
export function readRunFilter(input: CommandInput, usage: string): RunFilter {
  const given = {
    flow: textOption(input, "flow"),
    version: numberOption(input, "version", { min: 1, max: 1_000_000_000 }),
    node: textOption(input, "node"),
    state: readStates(input, usage),
    since: readMoment(input, "since", usage),
    until: readMoment(input, "until", usage),
    longerMs: numberOption(input, "longer", { min: 1, max: 86_400_000 }),
    attempts: numberOption(input, "attempts", { min: 1, max: 1_000 }),
    limit: numberOption(input, "limit", { min: 1, max: 200 }) ?? 20,
  };
  if (given.since && given.until && given.since >= given.until)
    throw refuseUsage("--since is not before --until: nothing can be between them.", usage);
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** `--state dead --state failed`, or `--state dead,failed`. */
function readStates(input: CommandInput, usage: string): RunState[] | undefined {
  const { state, failed } = input.options;
  const texts = Array.isArray(state) ? state.flatMap((text) => text.split(",")) : [];
  if (failed === true && texts.length > 0)
    throw refuseUsage("--failed is --state failed,dead: give one of them.", usage);
  if (failed === true) return ["failed", "dead"];
  const unknown = texts.find((text) => !states.includes(text as RunState));
  if (unknown !== undefined)
    throw refuseUsage(`--state takes one or more of ${states.join(", ")}, not “${unknown}”.`, usage);
  return texts.length > 0 ? [...new Set(texts as RunState[])] : undefined;
}

/** `90m`, `2h`, `7d` before now, or a time. */
function readMoment(input: CommandInput, name: "since" | "until", usage: string): Date | undefined {
  const text = textOption(input, name);
  if (text === undefined) return undefined;
  const at = durationPattern.test(text) ? input.now() - parseDuration(text) : Date.parse(text);
  if (Number.isFinite(at)) return new Date(at);
  throw refuseUsage(
    `--${name} takes a length of time before now (15m, 2h, 7d) or a time (2026-11-27T08:00Z), not “${text}”.`,
    usage,
  );
}
