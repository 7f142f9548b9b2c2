import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * Lets stack traces tell places of a bundle as they stand in its sources, where a map lies beside it. Node's own `--enable-source-maps`
 * reads the maps of all packages as they are loaded and keeps them, forty megabytes in a worker; here one is read with the first error.
 * `bundle`: its address, `file:///…`.
 */
export function mapStackTraces(bundle: string): void {
  if (!existsSync(`${fileURLToPath(bundle)}.map`)) return;
  let toSource: ((place: string) => string) | undefined;
  Error.prepareStackTrace = (error, sites) => {
    toSource ??= openMap(bundle);
    return [String(error), ...sites.map((site) => `    at ${toSource!(String(site))}`)].join("\n");
  };
}

function openMap(bundle: string): (place: string) => string {
  const file = fileURLToPath(bundle);
  const map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, "utf8")));
  const places = new RegExp(`${bundle.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}:(\\d+):(\\d+)`, "g");
  return (place) =>
    place.replace(places, (same, line: string, column: string) => {
      const found = map.findEntry(Number(line) - 1, Number(column) - 1);
      if (!("originalSource" in found)) return same;
      const source = pathToFileURL(resolve(dirname(file), found.originalSource)).href;
      return `${source}:${found.originalLine + 1}:${found.originalColumn + 1}`;
    });
}
