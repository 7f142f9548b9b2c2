import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/** The rules of docs/architecture.md, checked on every import of every file. */

const root = fileURLToPath(new URL("..", import.meta.url));
const layers = ["app", "components", "flow", "server", "runtime", "cli", "prisma"] as const;
type Layer = (typeof layers)[number];

/** What a layer may import; `types` = with `import type` only. */
const allowed: Record<Layer, { values: Layer[]; types: Layer[] }> = {
  app: { values: ["components", "server"], types: ["flow"] },
  components: { values: ["flow"], types: ["server"] },
  flow: { values: [], types: [] },
  server: { values: ["flow", "prisma"], types: [] },
  runtime: { values: ["flow", "prisma"], types: [] },
  cli: { values: ["flow"], types: ["server"] },
  prisma: { values: ["flow"], types: [] },
};

/** Libraries that a layer may import by name; absent = not restricted. */
const packagesOfFlow = ["zod", "@marcbachmann/cel-js", "re2js"];
const clients = ["kafkajs", "bullmq", "ioredis", "rabbitmq-client", "undici", "ws"];
const nodeOnly = /^(node:|pg$|pino$|esbuild$|kafkajs|bullmq|ioredis|rabbitmq-client|undici|ws$|@prisma\/|prisma\/)/;

interface Import {
  file: string;
  layer: Layer;
  specifier: string;
  typeOnly: boolean;
  /** Path from the root, without extension, when it leads to a file of ours. */
  target: string | null;
}

const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", ...layers], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith(".d.ts") && existsSync(join(root, file)));
const sources = files.filter((file) => !isTest(file));
const imports = sources.flatMap(readImports);

/** Tests may look across: they are no part of what ships. `runtime/system` is the system tests' rig, `runtime/chaos` stands on it. */
function isTest(file: string): boolean {
  return /\.test\.tsx?$/.test(file) || /^runtime\/(system|chaos)\//.test(file) || /(^|\/)testing(\.ts|\/)/.test(file);
}

function layerOf(file: string): Layer {
  return file.split("/")[0] as Layer;
}

function readImports(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8");
  const statement =
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:([^"';]*?)\s+from\s+)?["']([^"'\n]+)["']|import\(\s*["']([^"'\n]+)["']\s*\)/g;
  return [...text.matchAll(statement)].map((match) => {
    const specifier = match[3] ?? match[4] ?? "";
    // `import { type A, type B }` is erased like `import type`.
    const names = /^\{([\s\S]*)\}$/
      .exec(match[2]?.trim() ?? "")?.[1]
      ?.split(",")
      .filter((name) => name.trim() !== "");
    const typeOnly = match[1] !== undefined || (names?.length ? names.every((name) => /^\s*type\s/.test(name)) : false);
    return { file, layer: layerOf(file), specifier, typeOnly, target: resolveTarget(file, specifier) };
  });
}

function resolveTarget(file: string, specifier: string): string | null {
  if (specifier.startsWith("@/")) return specifier.slice(2);
  if (specifier.startsWith(".")) return relative(root, join(root, dirname(file), specifier)).replaceAll("\\", "/");
  return null;
}

function show(found: Import[]): string[] {
  return found.map(({ file, specifier }) => `${file} → ${specifier}`);
}

describe("layers", () => {
  it("are found", () => {
    for (const layer of layers)
      expect(
        files.some((file) => layerOf(file) === layer),
        layer,
      ).toBe(true);
    expect(imports.length).toBeGreaterThan(300);
  });

  it("import only what they may", () => {
    const wrong = imports.filter(({ layer, target, typeOnly }) => {
      const other = target?.split("/")[0] as Layer | undefined;
      if (!other || !layers.includes(other) || other === layer) return false;
      return !allowed[layer].values.includes(other) && !(typeOnly && allowed[layer].types.includes(other));
    });
    expect(show(wrong)).toEqual([]);
  });

  it("never import tests, or scripts", () => {
    const wrong = imports.filter(
      ({ target }) => target !== null && (isTest(`${target}.ts`) || /^(scripts|e2e|bench)\//.test(target)),
    );
    expect(show(wrong)).toEqual([]);
  });

  it("use relative imports inside themselves and the alias across, without extensions", () => {
    const wrong = imports.filter(({ layer, specifier, target }) => {
      if (target === null) return false;
      if (/\.(js|ts|tsx|mjs)$/.test(specifier)) return true;
      return specifier.startsWith("@/") && target.split("/")[0] === layer && layer !== "app";
    });
    expect(show(wrong)).toEqual([]);
  });
});

describe("flow", () => {
  it("stands on zod and the expression libraries alone", () => {
    const wrong = imports.filter(
      ({ layer, target, specifier }) => layer === "flow" && target === null && !packagesOfFlow.includes(specifier),
    );
    expect(show(wrong)).toEqual([]);
  });

  it("keeps behaviour out of what the canvas loads", () => {
    const reached = walk(sources.filter((file) => file.startsWith("components/") || file.startsWith("app/")));
    // Steps that only compute show their result on a sample, by the worker's own code; a chunk of its own (`components/data/live-output.ts`).
    const computing = /^flow\/nodes\/(filter|map|split|switch)\.behaviour\.ts$/;
    const wrong = [...reached].filter((file) => /\.behaviour\.ts$/.test(file) || file === "flow/behaviours.ts");
    expect(wrong.filter((file) => !computing.test(file))).toEqual([]);
    const importers = imports.filter(
      ({ file, specifier, typeOnly }) =>
        file.startsWith("components/") && !typeOnly && specifier.endsWith(".behaviour"),
    );
    expect([...new Set(importers.map(({ file }) => file))]).toEqual(["components/data/live-output.ts"]);
  });
});

describe("the browser", () => {
  it("reaches nothing of Node, of the database or of brokers", () => {
    const reached = walk(sources.filter((file) => file.startsWith("components/")));
    const wrong = imports.filter(
      ({ file, specifier, typeOnly, target }) =>
        reached.has(file) && !typeOnly && target === null && nodeOnly.test(specifier),
    );
    expect(show(wrong)).toEqual([]);
  });
});

describe("server", () => {
  const types = /^server\/(saga-)?views\.ts$/;

  it("begins each file with server-only, but for its types", () => {
    const wrong = sources.filter((file) => {
      if (!file.startsWith("server/") || types.test(file)) return false;
      return !/^(\/\*[\s\S]*?\*\/\s*)?import "server-only";/.test(readFileSync(join(root, file), "utf8"));
    });
    expect(wrong).toEqual([]);
  });

  it("says its shapes in types only", () => {
    expect(imports.filter(({ file, typeOnly }) => types.test(file) && !typeOnly)).toEqual([]);
  });
});

describe("runtime", () => {
  it("lets only its transports reach client libraries", () => {
    const wrong = imports.filter(
      ({ file, specifier }) =>
        clients.some((client) => specifier === client || specifier.startsWith(`${client}/`)) &&
        !file.startsWith("runtime/transports/"),
    );
    expect(show(wrong)).toEqual([]);
  });

  it("has no React, no Next and no server-only in the worker", () => {
    const wrong = imports.filter(
      ({ layer, specifier }) =>
        ["runtime", "prisma", "cli", "flow"].includes(layer) && /^(react|next|server-only)(\/|$)/.test(specifier),
    );
    expect(show(wrong)).toEqual([]);
  });
});

describe("packages", () => {
  it("come from a lock that names no registry", () => {
    const lock = readFileSync(join(root, "package-lock.json"), "utf8");
    expect(lock.match(/"resolved": "https?:/g)).toBeNull();
  });

  it("are pinned", () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<
      string,
      Record<string, string>
    >;
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(([, version]) => !/^\d/.test(version));
    expect(loose).toEqual([]);
  });
});

describe("styles", () => {
  it("fetch nothing from elsewhere", () => {
    const sheets = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.css"], {
      cwd: root,
      encoding: "utf8",
    });
    const wrong = sheets
      .split("\n")
      .filter((file) => file && /(@import|url\()\s*["']?(https?:)?\/\//.test(readFileSync(join(root, file), "utf8")));
    expect(wrong).toEqual([]);
    expect(show(imports.filter(({ specifier }) => specifier.startsWith("next/font/google")))).toEqual([]);
  });
});

describe("files", () => {
  it("are kebab-case (routes as Next wants them)", () => {
    const wrong = files.filter(
      (file) => !file.startsWith("app/") && !file.startsWith("prisma/generated/") && !/^[a-z0-9.\-/]+$/.test(file),
    );
    expect(wrong).toEqual([]);
  });

  it("have no barrel and no drawer for leftovers", () => {
    const wrong = files.filter((file) => /(^|\/)(index|utils?|helpers?|manager|common|misc)\.tsx?$/.test(file));
    expect(wrong).toEqual([]);
  });
});

/** Files that these reach by value imports, themselves included. */
function walk(from: string[]): Set<string> {
  const reached = new Set<string>();
  const open = [...from];
  while (open.length > 0) {
    const file = open.pop();
    if (!file || reached.has(file)) continue;
    reached.add(file);
    for (const { file: importer, target, typeOnly } of imports) {
      if (importer !== file || typeOnly || target === null) continue;
      const found = [`${target}.ts`, `${target}.tsx`].find((path) => sources.includes(path));
      // Pages reach the server by their routes, not through the browser's bundle.
      if (found && !found.startsWith("server/")) open.push(found);
    }
  }
  return reached;
}
