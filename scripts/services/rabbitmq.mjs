/** RabbitMQ: found, or a node of one's own from the distribution's `rabbitmq-server`. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { killChild, readLogEnd, startChild, stopChild } from "../children.mjs";
import { askPort, findAnyPort, waitFor } from "../network.mjs";
import { findProgram, run } from "../system.mjs";
import { Refusal } from "../terminal.mjs";

/** Does an AMQP 0-9-1 broker answer here? It greets with the first frame of channel 0. */
export async function isRabbit(port, host = "127.0.0.1") {
  const answer = await askPort({ host, port, bytes: Buffer.from([65, 77, 81, 80, 0, 0, 9, 1]) });
  return answer !== null && answer[0] === 1 && answer.readUInt16BE(1) === 0;
}

/** The server's own script: the one in the path may be a wrapper that changes its user and folders. */
export function findRabbitServer() {
  const own = "/usr/lib/rabbitmq/bin/rabbitmq-server";
  return existsSync(own) ? own : findProgram("rabbitmq-server");
}

/**
 * Starts a node of one's own, with a data folder, ports and plugins of its own. `settings` are lines of rabbitmq.conf.
 * Gives `url`, `management`, `control(…args)` (rabbitmqctl), `stop`, `kill`, `start` (again, same port and data).
 */
export async function startRabbit({ dir, port, plugins = [], settings = [], log = join(dir, "rabbitmq.log") }) {
  const program = findRabbitServer();
  if (!program)
    throw new Refusal("There is no rabbitmq-server here. Install it, or set RABBITMQ_URL to one that runs.");
  mkdirSync(dir, { recursive: true });
  const managementPort = plugins.includes("rabbitmq_management") ? await findAnyPort() : null;
  const lines = [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    // A machine that is short of disk should not make tests wait for ever.
    "disk_free_limit.absolute = 50MB",
    ...(managementPort ? ["management.tcp.ip = 127.0.0.1", `management.tcp.port = ${managementPort}`] : []),
    ...settings,
  ];
  writeFileSync(join(dir, "rabbitmq.conf"), `${lines.join("\n")}\n`);
  writeFileSync(join(dir, "enabled_plugins"), `[${plugins.join(",")}].\n`);
  const name = `millrace-${port}@localhost`;
  const env = {
    ...process.env,
    HOME: dir,
    RABBITMQ_NODENAME: name,
    RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(await findAnyPort()),
    RABBITMQ_CONFIG_FILE: join(dir, "rabbitmq"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, "enabled_plugins"),
    RABBITMQ_MNESIA_BASE: join(dir, "mnesia"),
    RABBITMQ_LOG_BASE: join(dir, "log"),
    // Its script then becomes the server, so that a signal reaches that.
    RUNNING_UNDER_SYSTEMD: "true",
  };
  const version = /rabbitmq_server-([\d.]+)/.exec(await readVersion(program))?.[1] ?? "";
  const server = {
    name: "rabbitmq",
    port,
    version,
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    management: managementPort ? `http://127.0.0.1:${managementPort}` : null,
    child: null,
    async start() {
      const child = startChild("rabbitmq", program, [], { log, env, cwd: dir });
      server.child = child;
      const up = await waitFor(() => isRabbit(port), {
        timeoutMs: 60_000,
        everyMs: 100,
        isHopeless: () => child.ended,
      });
      if (!up) throw new Refusal(`RabbitMQ did not start. The end of ${log}:\n${readLogEnd(log)}`);
    },
    async control(...args) {
      const result = await run(program.replace(/rabbitmq-server$/, "rabbitmqctl"), ["-n", name, ...args], { env });
      if (!result.ok) throw new Error(`rabbitmqctl ${args[0]} failed: ${result.output}`);
      return result.output;
    },
    stop: () => stopChild(server.child, 30_000),
    kill: () => killChild(server.child),
  };
  await server.start();
  return server;
}

/**
 * For tests: the given one; a virtual host of their own, removed by `stop`, on the one that runs here; else a node of their own. `null`
 * when there is none.
 */
export async function findTestRabbit({ dir, log }) {
  const given = process.env.RABBITMQ_URL;
  if (given) return { url: given, words: `using ${new URL(given).host}` };
  const own = await makeVirtualHost();
  if (own) return own;
  if (!findRabbitServer()) return null;
  const server = await startRabbit({ dir, port: await findAnyPort(), log });
  return { url: server.url, words: `started on 127.0.0.1:${server.port}`, stop: server.stop };
}

/** `null` where none runs, or where it is not ours to govern. */
async function makeVirtualHost() {
  const control = findProgram("rabbitmqctl");
  if (!control || !(await isRabbit(5672))) return null;
  const name = `millrace-test-${process.pid}`;
  const ask = async (...args) => (await run(control, args, { timeoutMs: 60_000 })).ok;
  if (!(await ask("add_vhost", name)) || !(await ask("set_permissions", "-p", name, "guest", ".*", ".*", ".*")))
    return null;
  return {
    url: `amqp://guest:guest@127.0.0.1:5672/${name}`,
    words: `using localhost:5672, with a virtual host of the tests' own`,
    stop: () => ask("delete_vhost", name),
  };
}

async function readVersion(program) {
  const { output } = await run("sh", [
    "-c",
    `ls -d "$(dirname "$(readlink -f '${program}')")"/../lib/rabbitmq_server-* 2>/dev/null || true`,
  ]);
  return output;
}
