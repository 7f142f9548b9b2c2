/** A real Pulsar from its Maven artefacts: one standalone server with its WebSocket API. */
import { createHmac, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { killChild, readLogEnd, startChild, stopChild } from "../children.mjs";
import { dataDirectory } from "../data.mjs";
import { findAnyPort, waitFor } from "../network.mjs";
import { Refusal } from "../terminal.mjs";
import { fetchJars, findJarNeeds } from "./jars.mjs";

const pom = fileURLToPath(new URL("pulsar/pom.xml", import.meta.url));
export const pulsarVersion = readFileSync(pom, "utf8").match(
  /<artifactId>pulsar-broker<\/artifactId>\s*<version>([^<]+)/,
)[1];
/** Shared by `npm run services` and the tests of a checkout. */
const libraries = join(dataDirectory, "pulsar-libs", pulsarVersion);

/** Is a Pulsar well here? */
export async function isPulsar(port, host = "127.0.0.1") {
  const address = `http://${host}:${port}/admin/v2/brokers/health`;
  const answer = await fetch(address, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
  return (await answer?.text())?.trim() === "ok";
}

/** Copies the jars once, 235 MB. Needs Maven the first time only. */
export const fetchPulsar = () => fetchJars({ name: "Pulsar", pom, folder: libraries, timeoutMs: 900_000 });

/** Can Pulsar be started from jars here? Gives what is missing. */
export const findPulsarNeeds = () => findJarNeeds(libraries);

/**
 * Starts a server on a folder. Topics are not made by themselves. `auth`: tokens are read, and those who bring none may do everything, so
 * that refusals can be tested beside plain use. Gives `url`, `stop`, `kill` (as a crash), `start` (again, same ports and data), and
 * `tokenKey` for `makeToken` where `auth` is.
 */
export async function startPulsar({ dir, port, log = join(dir, "pulsar.log"), heap = "1g", auth = false }) {
  const jars = await fetchPulsar();
  mkdirSync(dir, { recursive: true });
  const file = join(dir, "standalone.conf");
  const key = auth ? randomBytes(32).toString("base64") : null;
  const conf = makeConf({ port, servicePort: await findAnyPort(), key });
  writeFileSync(
    file,
    Object.entries(conf)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
    { mode: 0o600 },
  );
  writeFileSync(join(dir, "log4j2.properties"), logging);
  const opens = ["java.lang", "java.io", "sun.net", "java.nio", "jdk.internal.misc"].map((each) => `java.base/${each}`);
  const args = [
    ...[`-Xmx${heap}`, "-XX:MaxDirectMemorySize=512m", "-XX:+UseG1GC", "-Dio.netty.tryReflectionSetAccessible=true"],
    ...[...opens, "java.management/sun.management"].map((each) => `--add-opens=${each}=ALL-UNNAMED`),
    `-Dlog4j2.configurationFile=${join(dir, "log4j2.properties")}`,
    ...["-cp", join(jars, "*"), "org.apache.pulsar.PulsarStandaloneStarter", "-c", file, "-nfw", "-nss"],
  ];
  const server = {
    name: "pulsar",
    port,
    version: pulsarVersion,
    url: `ws://127.0.0.1:${port}`,
    child: null,
    async start() {
      const child = startChild("pulsar", "java", args, { log, cwd: dir });
      server.child = child;
      const up = await waitFor(() => isPulsar(port), {
        timeoutMs: 120_000,
        everyMs: 200,
        isHopeless: () => child.ended,
      });
      if (!up) throw new Refusal(`Pulsar did not start. The end of ${log}:\n${readLogEnd(log)}`);
    },
    stop: () => stopChild(server.child, 30_000),
    kill: () => killChild(server.child),
    tokenKey: key,
  };
  await server.start();
  return server;
}

function makeConf({ port, servicePort, key }) {
  return {
    clusterName: "standalone",
    bindAddress: "127.0.0.1",
    advertisedAddress: "127.0.0.1",
    webServicePort: port,
    brokerServicePort: servicePort,
    webSocketServiceEnabled: true,
    // A message of 5 MB, the most that a broker takes unless told otherwise, grows by a third on this way.
    webSocketMaxTextFrameSize: 8 * 1024 * 1024,
    managedLedgerDefaultEnsembleSize: 1,
    managedLedgerDefaultWriteQuorum: 1,
    managedLedgerDefaultAckQuorum: 1,
    managedLedgerCacheSizeMB: 64,
    dbStorage_writeCacheMaxSizeMb: 32,
    dbStorage_readAheadCacheMaxSizeMb: 32,
    loadBalancerEnabled: false,
    // A topic that is misspelled should be missed, not made.
    allowAutoTopicCreation: false,
    allowAutoSubscriptionCreation: true,
    brokerDeleteInactiveTopicsEnabled: false,
    ...(key === null
      ? {}
      : {
          authenticationEnabled: true,
          authorizationEnabled: true,
          authenticationProviders: "org.apache.pulsar.broker.authentication.AuthenticationProviderToken",
          tokenSecretKey: `data:;base64,${key}`,
          anonymousUserRole: "anyone",
          superUserRoles: "anyone",
        }),
  };
}

/** A token of that role, as Pulsar's own tool makes them; a negative lifetime makes one that is over. */
export function makeToken(key, role, lifetimeMs) {
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const end = lifetimeMs === undefined ? {} : { exp: Math.floor((Date.now() + lifetimeMs) / 1000) };
  const body = `${encode({ alg: "HS256" })}.${encode({ sub: role, ...end })}`;
  return `${body}.${createHmac("sha256", Buffer.from(key, "base64")).update(body).digest("base64url")}`;
}

const logging = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %-5p %c{1} %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
`;
