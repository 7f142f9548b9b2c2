import { findKind } from "./catalog";
import { titleOf } from "./config-fields";
import type { FlowNode } from "./document";
import { joinWords, readIssues } from "./issues";
import type { Kind, Ports } from "./kind";
import { findNearest } from "./nearest";
import type { Fix, Problem, ProblemCode } from "./problems";

export type Configured =
  | { readonly kind: Kind; readonly config: unknown; readonly problems: readonly [] }
  | { readonly kind?: Kind; readonly config?: undefined; readonly problems: readonly [Problem, ...Problem[]] };

/** Where kinds are looked up; the catalog, unless a test brings its own. */
export type FindKind = (name: string) => Kind | undefined;

/**
 * A node's config, migrated from older versions of its kind, with defaults filled in; or what keeps it from being one, each problem with
 * the path of its field.
 */
export function configureNode(node: FlowNode, find: FindKind = findKind): Configured {
  const kind = find(node.kind);
  if (!kind)
    return refuse(node, "node-kind-unknown", `There is no kind \`${node.kind}\`. Choose one from the palette.`);
  const version = node.version ?? 1;
  if (version > kind.version) {
    const message = `The node was made with version ${version} of \`${kind.kind}\`; this Millrace knows it up to version ${kind.version}.`;
    return { ...refuse(node, "node-version-newer", message), kind };
  }
  const migrated = migrateConfig(kind, version, node.config);
  const result = kind.config.safeParse(migrated);
  if (result.success) return { kind, config: result.data, problems: [] };

  const problems = readIssues(result.error, migrated).map((issue): Problem => {
    const title = titleOf(kind.config, issue.path);
    const code: Record<typeof issue.what, ProblemCode> = {
      unknown: "config-field-unknown",
      missing: "config-field-missing",
      invalid: "config-field-invalid",
    };
    const message =
      issue.what === "unknown"
        ? `\`${issue.path.at(-1)}\` is not a field of ${kind.label}.${nameFields(kind, issue.path)}`
        : `${title} ${issue.words}.`;
    const field = issue.path.join(".");
    return {
      code: code[issue.what],
      severity: "error",
      message,
      node: node.id,
      field,
      ...(issue.what === "unknown" ? { fix: mendUnknown(kind, issue.path, migrated) } : {}),
    };
  });
  return { kind, problems: problems as [Problem, ...Problem[]] };
}

/**
 * The ports of a node as it is drawn: its inputs, what its kind gives for this config, and `error` for every step and sink that can fail.
 * A half filled-in node keeps the ports that its config already names.
 */
export function portsOf(node: FlowNode, find: FindKind = findKind): Ports {
  const configured = configureNode(node, find);
  const { kind } = configured;
  if (!kind) return { in: [], out: [] };
  const ports = readPorts(kind, configured.problems.length === 0 ? configured.config : node.config);
  if (kind.role === "source") return { in: [], out: ports.out };
  return kind.noErrorPort ? ports : { in: ports.in, out: [...ports.out, "error"] };
}

/** The ports for a config, also for one that does not hold yet: then as far as it can be read. */
function readPorts(kind: Kind, config: unknown): Ports {
  try {
    const ports = kind.ports(config);
    return { in: ports.in, out: [...new Set(ports.out.filter((port) => typeof port === "string" && port !== ""))] };
  } catch {
    return { in: kind.role === "source" ? [] : ["in"], out: kind.role === "sink" ? [] : ["out"] };
  }
}

/** A config as it would be written for the version that its kind has now. */
export function migrateConfig(kind: Kind, from: number, config: Record<string, unknown>): Record<string, unknown> {
  let migrated = config;
  for (let version = from; version < kind.version; version++) {
    migrated = kind.migrations?.[version]?.(migrated) ?? migrated;
  }
  return migrated;
}

/** The name that was probably meant, if that field is free; else it can only go. */
function mendUnknown(kind: Kind, path: readonly (string | number)[], config: Record<string, unknown>): Fix {
  const field = path.join(".");
  const remove: Fix = { do: "remove-field", field, label: "Remove the field" };
  if (path.length !== 1 || !("shape" in kind.config)) return remove;
  const free = Object.keys(kind.config.shape as object).filter((name) => config[name] === undefined);
  const name = findNearest(String(path[0]), free);
  return name === undefined ? remove : { do: "rename-field", field, name, label: `Rename to “${name}”` };
}

function nameFields(kind: Kind, path: readonly (string | number)[]): string {
  if (path.length !== 1 || !("shape" in kind.config)) return "";
  const names = Object.keys(kind.config.shape as object).map((name) => `\`${name}\``);
  return names.length === 0 ? " It has none." : ` It has ${joinWords(names, "and")}.`;
}

function refuse(node: FlowNode, code: ProblemCode, message: string): { readonly problems: readonly [Problem] } {
  return { problems: [{ code, severity: "error", message, node: node.id }] };
}
