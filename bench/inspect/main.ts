/**
 * `npm run bench inspect`: a million runs in Postgres: searches, room, dropping a day. Then fifty open tabs on a flow of ten thousand
 * messages a second, beside the same without them.
 */
import { parseArgs } from "node:util";
import pg from "pg";
import { createClient } from "../../cli/client";
import { servicesOfRunner } from "../../runtime/system/rig";
import { openOutsider } from "../../runtime/system/topics";
import { bundleByHand, startByHand } from "../by-hand-process";
import { readCircumstances } from "../circumstances";
import { keepResults, writeResults } from "../latest";
import { noResults } from "../results";
import { rounds } from "../settings";
import { measureDrop } from "./drop";
import { fillRuns } from "./fill";
import { drawWatchedFlow, input, measureWatched, output, tabCount, type Watched } from "./load";
import { tableOfInspect } from "./report";
import { runCount } from "./runs";
import { measureSearches } from "./searches";

const { values: flags } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: "boolean", default: false } },
});
const say = (line: string) => void process.stdout.write(`  ${line}\n`);
const { MILLRACE_URL: url, MILLRACE_TOKEN: token } = process.env;
if (!url || !token) throw new Error("MILLRACE_URL and MILLRACE_TOKEN are not set: npm run bench inspect sets them");
const watchSeconds = 15;

const services = servicesOfRunner();
const circumstances = await readCircumstances(services, process.env.BENCH_KAFKA_VERSION ?? "?");
const client = createClient({ url, token });
const pool = new pg.Pool({ connectionString: services.postgresUrl, options: "-c timezone=UTC" });
const flow = drawWatchedFlow(`inspect-${Date.now().toString(36)}`);
await client.flows.push.mutate({ document: flow });
const { rows } = await pool.query<{ id: string }>(`SELECT id FROM "Flow" WHERE name = $1`, [flow.name]);

const watched = await watch();
const filled = await fillRuns(pool, { id: rows[0]!.id, name: flow.name }, say);
say(`${runCount} runs in ${filled.seconds.toFixed(0)} s, ${filled.bytesPerRun.toFixed(0)} bytes each`);
const searches = await measureSearches(client, say);
const dropped = await measureDrop(pool, client, { id: rows[0]!.id, name: flow.name });
await pool.end();

const inspect = { circumstances, runs: runCount, filled, searches, dropped, watched };
const results = { ...noResults, inspect };
process.stdout.write(`\n${tableOfInspect(inspect)}\n`);
writeResults(`inspect-${new Date().toISOString().replace(/[:.]/g, "-")}`, results);
if (flags.keep) keepResults(results);
process.exit(0);

/** The flow with no tab and with fifty, in turns. */
async function watch(): Promise<Watched[]> {
  const outsider = await openOutsider(services.kafkaBrokers);
  await outsider.create(input, 4);
  await outsider.create(output, 4);
  await client.deployments.deploy.mutate({ flow: flow.name, begin: { from: "kind" } });
  await bundleByHand();
  const pace = startByHand(services);
  const places = { url: url!, token: token!, client, outsider, pace };
  const watched: Watched[] = [];
  await measureWatched(places, flow.name, 0, 5);
  for (let round = 0; round < rounds; round++) {
    for (const tabs of [0, tabCount]) {
      const one = await measureWatched(places, flow.name, tabs, watchSeconds);
      watched.push(one);
      const { web, worker, database } = one.percent;
      say(
        `${tabs} tabs: ${one.perSecond.toFixed(0)}/s, p99 ${one.p99Ms.toFixed(0)} ms; web ${web.toFixed(0)} %, worker ${worker.toFixed(0)} %, database ${database.toFixed(0)} %${one.behind ? `; at most ${one.behind.mostMs} ms behind` : ""}`,
      );
    }
  }
  await client.deployments.stop.mutate({ flow: flow.name });
  await pace.end();
  await outsider.close();
  return watched;
}
