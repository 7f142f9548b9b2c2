/**
 * `npm run test:chaos [-- --seed N --minutes M --only shape/semantics/fault]`: flows while their surroundings break, on services of its own,
 * since it kills them. Prints the seed, writes a report under .data/chaos/, ends with 1 when a promise was broken.
 * `--only` takes parts with `*`, may stand several times, and also names a long case (`--only back-pressure`, `--only cases`).
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { listChildren, stopChild, stopWithParent } from "./children.mjs";
import { dataPath, root } from "./data.mjs";
import { checkNode, generateClient, installPackagesOfLock } from "./install.mjs";
import { installKafkaNeeds } from "./services/find.mjs";
import { canInstall, findProgram, installPackages, run } from "./system.mjs";
import { fail, Refusal } from "./terminal.mjs";

const noInstall = "--no-install";
const options = { install: !process.argv.includes(noInstall) };
const args = process.argv.slice(2).filter((argument) => argument !== noInstall);
stopWithParent(async () => {
  await Promise.all(listChildren().map((child) => stopChild(child)));
  process.exit(130);
});

try {
  checkNode();
  await installPackagesOfLock();
  await generateClient();
  await installNeeds();
  const tsx = join(root, "node_modules", "tsx", "dist", "cli.mjs");
  const directory = dataPath("chaos", ".").replace(/\.$/, "");
  const run_ = [tsx, join("runtime", "chaos", "run.ts"), "--directory", directory, ...args];
  const result = await run(process.execPath, run_, { cwd: root, inherit: true });
  process.exit(result.code === null ? 1 : Number(result.code) || (result.ok ? 0 : 1));
} catch (error) {
  fail(error);
  process.exit(1);
}

/** Kafka and Redis it cannot do without; without a clock to turn, those cells are left out and named. */
async function installNeeds() {
  const missing = await installKafkaNeeds(options);
  if (!findProgram("redis-server") && !findProgram("valkey-server")) {
    if (canInstall(options)) await installPackages(["redis-server"], "chaos tests");
    if (!findProgram("redis-server")) missing.push("redis-server");
  }
  if (missing.length > 0) throw new Refusal(`Chaos tests need ${missing.join(" and ")}.`);
  if (canInstall(options) && !existsSync("/usr/share/doc/libfaketime"))
    await installPackages(["libfaketime"], "jumps of the clock");
}
