import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { findAnyPort } from "../../scripts/network.mjs";
import { type KafkaServer, startKafka } from "../../scripts/services/kafka.mjs";
import { type PostgresServer, startPostgres } from "../../scripts/services/postgres.mjs";
import { type PulsarServer, startPulsar } from "../../scripts/services/pulsar.mjs";
import { type RabbitServer, startRabbit } from "../../scripts/services/rabbitmq.mjs";
import { type RedisServer, startRedis } from "../../scripts/services/redis.mjs";
import { openRig, type Rig } from "../system/rig";
import { type Outsider, openOutsider } from "../system/topics";
import { TcpProxy } from "../transports/tcp-proxy";
import type { Ground } from "./shape";

/** Servers that may be killed, and the proxies through which the workers reach them; the checks go past the proxies. */
export interface House {
  readonly kafka: KafkaServer;
  readonly redis: RedisServer;
  readonly postgres: PostgresServer;
  /** Where the house was asked for one, as is Pulsar. */
  readonly rabbitmq: RabbitServer | null;
  readonly pulsar: PulsarServer | null;
  readonly proxies: Readonly<Record<Ground | "postgres", TcpProxy>>;
  readonly outsider: Outsider;
  readonly rig: Rig;
  /** A worker's environment: everything through the proxies. */
  readonly workerEnv: Record<string, string>;
  readonly directory: string;
  close(): Promise<void>;
}

const host = "127.0.0.1";

/** Everything fresh in the folder, RabbitMQ and Pulsar where they are asked for. Redis writes each change to the disk before it answers. */
export async function openHouse(directory: string, needs: readonly Ground[] = []): Promise<House> {
  const port = () => findAnyPort();
  const kafka = await startKafka({
    dir: join(directory, "kafka"),
    port: await port(),
    controllerPort: await port(),
  });
  const redis = await startRedis({ dir: join(directory, "redis"), port: await port(), durable: "always" });
  const postgres = await startPostgres({ dir: join(directory, "postgres"), port: await port() });
  const rabbitmq = needs.includes("rabbitmq")
    ? await startRabbit({ dir: join(directory, "rabbitmq"), port: await port() })
    : null;
  const pulsar = needs.includes("pulsar")
    ? await startPulsar({ dir: join(directory, "pulsar"), port: await port() })
    : null;
  const proxies = {
    kafka: new TcpProxy({ host, port: kafka.port }, true),
    redis: new TcpProxy({ host, port: redis.port }),
    postgres: new TcpProxy({ host, port: postgres.port }),
    rabbitmq: new TcpProxy({ host, port: rabbitmq?.port ?? 0 }),
    pulsar: new TcpProxy({ host, port: pulsar?.port ?? 0 }),
  };
  await Promise.all(Object.values(proxies).map((proxy) => proxy.listen()));
  const outsider = await openOutsider(kafka.brokers);
  const rig = await openRig({ kafkaBrokers: kafka.brokers, redisUrl: redis.url, postgresUrl: postgres.url() });
  for (const kind of ["redis", ...(rabbitmq ? ["rabbitmq"] : []), ...(pulsar ? ["pulsar"] : [])])
    await rig.database.prisma.connection.create({ data: { name: kind, kind, config: { url: "" } } });
  return {
    kafka,
    redis,
    postgres,
    rabbitmq,
    pulsar,
    proxies,
    outsider,
    rig,
    directory,
    workerEnv: {
      KAFKA_BROKERS: `${host}:${proxies.kafka.port}`,
      REDIS_URL: `redis://${host}:${proxies.redis.port}`,
      ...(rabbitmq ? { RABBITMQ_URL: `amqp://guest:guest@${host}:${proxies.rabbitmq.port}` } : {}),
      ...(pulsar ? { PULSAR_URL: `ws://${host}:${proxies.pulsar.port}` } : {}),
      DATABASE_URL: Object.assign(new URL(rig.databaseUrl), { port: String(proxies.postgres.port) }).href,
    },
    async close() {
      await rig.close();
      await outsider.close();
      await Promise.all(Object.values(proxies).map((proxy) => proxy.cut()));
      await Promise.all([kafka.stop(), redis.stop(), postgres.stop(), rabbitmq?.stop(), pulsar?.stop()]);
    },
  };
}

/** A server of the house. @throws Error where it was not asked for */
export function serverOf<Name extends Ground | "postgres">(house: House, name: Name): NonNullable<House[Name]> {
  const server = house[name];
  if (!server) throw new Error(`The house has no ${name}.`);
  return server;
}

/** The library that gives a process another clock (Debian's package libfaketime); null when it is not there. */
export function findFakeClock(): string | null {
  for (const folder of existsSync("/usr/lib") ? readdirSync("/usr/lib") : []) {
    const library = join("/usr/lib", folder, "faketime", "libfaketimeMT.so.1");
    if (existsSync(library)) return library;
  }
  return null;
}

/** What makes a worker read its wall clock's shift from a file, once a second; timers go on as they are. */
export function fakeClockEnv(library: string, file: string): Record<string, string> {
  return {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: "1",
    DONT_FAKE_MONOTONIC: "1",
  };
}
