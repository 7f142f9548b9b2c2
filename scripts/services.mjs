/**
 * `npm run services -- pulsar`: a server that Millrace can use and does not need, started on demand, until Ctrl-C. An `npm start` of this
 * checkout finds it, whichever of the two was first; for others it prints the address.
 */
import { stopChild, stopWithParent } from "./children.mjs";
import { dataPath, keepKnownPort } from "./data.mjs";
import { isPortFree } from "./network.mjs";
import { installPulsarNeeds } from "./services/find.mjs";
import { isPulsar, startPulsar } from "./services/pulsar.mjs";
import { bold, dim, fail, print, Refusal, step } from "./terminal.mjs";

const usage = `npm run services -- pulsar   starts a Pulsar on 127.0.0.1 and prints PULSAR_URL; Ctrl-C stops it

Its data is kept under .data/pulsar. Needs Java 17, and Maven the first time.`;

const args = process.argv.slice(2).filter((argument) => argument !== "--no-install");
const options = { install: args.length === process.argv.length - 2 };
let server;
stopWithParent(async () => {
  print("\n  Stopping …");
  await server?.stop();
  process.exit(0);
});

try {
  if (args.length !== 1 || args[0] !== "pulsar") {
    print(usage);
    process.exit(args.includes("--help") ? 0 : 2);
  }
  server = await startAlone();
  print(`\n  ${bold(`PULSAR_URL=${server.url}`)}\n`);
  print(
    `  ${dim("An `npm start` of this checkout uses it in connections without an address. Log: .data/logs/pulsar.log · stop: Ctrl-C")}\n`,
  );
  await server.child.exited;
  throw new Refusal("Pulsar ended. Its log: .data/logs/pulsar.log");
} catch (error) {
  fail(error);
  if (server) await stopChild(server.child);
  process.exit(1);
}

async function startAlone() {
  const port = await keepKnownPort("pulsar", 8080);
  if (!(await isPortFree(port))) {
    const words = (await isPulsar(port)) ? `A Pulsar runs there already: PULSAR_URL=ws://127.0.0.1:${port}` : "";
    throw new Refusal(
      words || `Port ${port} is taken by something else. Stop that, or remove "pulsar" from .data/state.json.`,
    );
  }
  const missing = await installPulsarNeeds(options);
  if (missing.length > 0) throw new Refusal(`Pulsar needs ${missing.join(" and ")}: install them, or set PULSAR_URL.`);
  return step("Pulsar", async (note) => {
    const started = await startPulsar({ dir: dataPath("pulsar", "server"), port, log: dataPath("logs", "pulsar.log") });
    note(`started ${started.version} on 127.0.0.1:${port}`);
    return started;
  });
}
