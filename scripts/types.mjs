/** `npm run types`: all layers at once, then flow/ alone without DOM and Node. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./data.mjs";
import { run } from "./system.mjs";

/** True when the types are right; what is wrong is printed. */
export async function checkTypes() {
  const options = { cwd: root, env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1" } };
  if (!existsSync(join(root, "next-env.d.ts")) || !existsSync(join(root, ".next", "types"))) {
    await run(process.execPath, [join(root, "node_modules", "next", "dist", "bin", "next"), "typegen"], options);
  }
  let right = true;
  for (const project of ["tsconfig.json", "flow/tsconfig.json"]) {
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const result = await run(process.execPath, [tsc, "-p", project, "--noEmit", "--incremental", "false"], options);
    if (!result.ok) process.stdout.write(`${result.output}\n`);
    right &&= result.ok;
  }
  return right;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit((await checkTypes()) ? 0 : 1);
