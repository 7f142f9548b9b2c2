/** `npm run bench [NAME …]`: runs the cases of bench/ one after the other, each on fresh services, nothing else beside them. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { listChildren, stopChild, stopWithParent } from "./children.mjs";
import { root } from "./data.mjs";
import { checkNode, generateClient, installPackagesOfLock } from "./install.mjs";
import { run } from "./system.mjs";
import { bold, fail, print, Refusal } from "./terminal.mjs";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { "no-install": { type: "boolean", default: false } },
});
const stopAll = () => Promise.all(listChildren().map((child) => stopChild(child)));
stopWithParent(async () => {
  await stopAll();
  process.exit(130);
});

try {
  checkNode();
  await installPackagesOfLock();
  await generateClient();
  const known = readdirSync(join(root, "bench"))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => file.replace(/\.ts$/, ""));
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Refusal(`There is no case ${unknown.join(", ")}. There are: ${known.join(", ")}.`);
  const { startTestServices } = await import("./services/for-tests.mjs");
  let failed = false;
  for (const name of positionals.length > 0 ? positionals : known) {
    print(`\n${bold(name)}`);
    const services = await startTestServices({ install: !flags["no-install"] });
    const env = {
      ...process.env,
      DATABASE_URL: await services.database("bench"),
      REDIS_URL: services.redisUrl,
      KAFKA_BROKERS: services.brokers,
    };
    const tsx = join(root, "node_modules", "tsx", "dist", "cli.mjs");
    const result = await run(process.execPath, [tsx, join("bench", `${name}.ts`)], { cwd: root, env, inherit: true });
    failed ||= !result.ok;
    await services.stop();
  }
  process.exit(failed ? 1 : 0);
} catch (error) {
  fail(error);
  await stopAll();
  process.exit(1);
}
