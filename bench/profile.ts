import { readdirSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProfileGroup } from "./results";

/** As V8 writes it; times in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame }[];
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface Frame {
  readonly functionName: string;
  readonly url: string;
  /** From 0. */
  readonly lineNumber: number;
  readonly columnNumber: number;
}

const root = fileURLToPath(new URL("..", import.meta.url));
const functionsShown = 4;
/** Less than this share of the whole is told together. */
const smallShare = 0.01;

/** Node's flags that make a process leave its profile in a folder when it ends. */
export const profileFlags = (folder: string) => ["--cpu-prof", `--cpu-prof-dir=${folder}`, "--cpu-prof-interval=200"];

/** The one profile in a folder. @throws Error when there is none */
export function readProfile(folder: string): CpuProfile {
  const [file] = readdirSync(folder).filter((name) => name.endsWith(".cpuprofile"));
  if (!file) throw new Error("the worker left no profile");
  return JSON.parse(readFileSync(join(folder, file), "utf8")) as CpuProfile;
}

/** Self time between two moments for each message, by file of ours and by package of others; most first. Idle time is left out. */
export function groupProfile(profile: CpuProfile, fromUs: number, toUs: number, messages: number): ProfileGroup[] {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const groups = new Map<string, Map<string, number>>();
  const locate = makeLocate();
  let at = profile.startTime;
  let total = 0;
  for (const [index, id] of profile.samples.entries()) {
    at += profile.timeDeltas[index]!;
    const us = profile.timeDeltas[index + 1] ?? 0;
    const frame = frames.get(id);
    if (!frame || at < fromUs || at > toUs || frame.functionName === "(idle)") continue;
    const [group, name] = locate(frame);
    const functions = groups.get(group) ?? new Map<string, number>();
    groups.set(group, functions.set(name, (functions.get(name) ?? 0) + us));
    total += us;
  }
  const all = [...groups].map(([name, functions]) => ({ name, functions, us: sum(functions.values()) }));
  const large = all.filter(({ us }) => us >= total * smallShare).sort((a, b) => b.us - a.us);
  const rest = total - sum(large.map(({ us }) => us));
  const shown = large.map(({ name, functions, us }) => ({
    name,
    us: us / messages,
    functions: [...functions]
      .sort((a, b) => b[1] - a[1])
      .slice(0, functionsShown)
      .map(([each, of]) => ({ name: each, us: of / messages })),
  }));
  return rest > 0 ? [...shown, { name: "all else", us: rest / messages, functions: [] }] : shown;
}

/** Group and function of a frame. Bundles of ours are looked up in their source maps. */
function makeLocate(): (frame: Frame) => readonly [string, string] {
  const maps = new Map<string, SourceMap | null>();
  const known = new Map<Frame, readonly [string, string]>();
  const mapOf = (file: string) => {
    let map = maps.get(file);
    if (map === undefined) {
      map = readMap(file);
      maps.set(file, map);
    }
    return map;
  };
  const find = ({ functionName, url, lineNumber, columnNumber }: Frame): readonly [string, string] => {
    const name = functionName || "(anonymous)";
    if (name === "(garbage collector)") return ["garbage collection", name];
    if (name === "(program)") return ["outside JavaScript", name];
    if (url === "") return ["Node, native", name];
    if (url.startsWith("node:")) return ["Node", `${name} ${url.slice("node:".length)}`];
    const file = url.startsWith("file:") ? fileURLToPath(url) : url;
    const packaged = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(.*)/.exec(file);
    if (packaged) return [packaged[1]!, `${name} ${packaged[2]!.replace(/^(src|dist)\//, "")}`];
    const entry = mapOf(file)?.findEntry(lineNumber, columnNumber);
    const source = entry && "originalSource" in entry ? entry.originalSource : undefined;
    const path = source ? join(dirname(file), source) : file;
    return [relative(root, path), name];
  };
  return (frame) => {
    const found = known.get(frame) ?? find(frame);
    known.set(frame, found);
    return found;
  };
}

function readMap(file: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, "utf8")));
  } catch {
    return null;
  }
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
