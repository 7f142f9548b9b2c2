import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { behaviourOf } from "../flow/behaviours";
import { createDatabase } from "../prisma/client";
import { waitAtMost } from "./backoff";
import { Connections, type Transports } from "./connections";
import { ControlServer } from "./control-server";
import { Delivery } from "./delivery";
import type { WorkerEnvironment } from "./environment";
import { tendExampleTopics } from "./example-topics";
import { Forwarding } from "./forwarding";
import { Heartbeat } from "./health";
import { History } from "./history";
import { HeldStores } from "./holding/held-stores";
import { describeError, type Log } from "./log";
import { WorkerMetrics } from "./metrics";
import { Recorder } from "./recorder";
import { Recordings } from "./recordings";
import { tendRedrives } from "./redrive-tending";
import { openSagaExecutor } from "./saga/executor";
import { PostgresDeadLetters } from "./stores/dead-letters";
import { DesiredState } from "./stores/desired-state";
import { PostgresForwards } from "./stores/forwards";
import { PostgresHeldStore } from "./stores/held";
import { PostgresHistory } from "./stores/history";
import { PostgresLeases } from "./stores/leases";
import { PostgresParked } from "./stores/parked";
import { Presence } from "./stores/presence";
import { PostgresReceivedKeys } from "./stores/received-keys";
import { PostgresRedrives } from "./stores/redrives";
import { PostgresRuns, tendRunPartitions } from "./stores/runs";
import { Supervisor } from "./supervisor";
import { openTelemetry } from "./telemetry/otlp";
import { tendHeld } from "./tend-held";
import { tendReceivedKeys } from "./tend-received-keys";

export interface Worker {
  readonly id: string;
  /** Of its control endpoint. */
  readonly address: string;
  /** Drains and leaves; what is not done by the deadline is left to its broker. */
  stop(deadlineMs: number): Promise<void>;
}

/** Starts a worker in this process. */
export async function startWorker(environment: WorkerEnvironment, transports: Transports, log: Log): Promise<Worker> {
  const id = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  const { databaseUrl, masterSecret } = environment;
  // The presence needs the address, the endpoint needs the supervisor, the supervisor the presence: the address comes last.
  const worker = {
    id,
    environment: environment.environment,
    host: hostname(),
    pid: process.pid,
    version: environment.version,
    label: environment.label ?? null,
    address: "",
  };
  const database = createDatabase(databaseUrl, {
    maxConnections: 8,
    applicationName: "millrace worker",
    queryTimeoutMs,
  });
  const connections = new Connections(transports, environment, masterSecret, log);
  const desired = new DesiredState(database.prisma, environment.environment);
  const telemetry = await openTelemetry(
    environment.telemetry,
    worker,
    new PostgresRuns(database.pool, id),
    (flowId, version) => desired.document(flowId, version),
    log,
  );
  const recorder = new Recorder(telemetry.store, log);
  const deadLetters = new PostgresDeadLetters(database.pool);
  const receivedKeys = new PostgresReceivedKeys(database.pool, id);
  const held = new HeldStores(new PostgresHeldStore(database.pool), connections);
  const leases = new PostgresLeases(database.pool, id);
  const forwarding = new Forwarding({
    store: new PostgresForwards(database.pool),
    leases,
    connections,
    environment: environment.environment,
    log,
  });
  const workshop = {
    worker: id.slice(-8),
    connections,
    delivery: new Delivery(deadLetters, recorder, log),
    leases,
    redrive: new PostgresRedrives(database.pool, id),
    parked: new PostgresParked(database.pool, id),
    receivedKeys,
    held,
    openKeeper: openSagaExecutor,
    log,
    behaviourOf,
    document: (flowId: string, version: number) => desired.document(flowId, version),
    holdingPlaces: (flowId: string) => desired.holdingPlaces(flowId),
    tracesDropped: (flowId: string) => recorder.droppedOf(flowId),
    recordings: new Recordings(),
  };
  const presence = new Presence(database.pool, worker);
  const supervisor = new Supervisor(desired, connections, presence, workshop, databaseUrl, log);
  const deployments = () => supervisor.deployments.values();
  const history = new History(new PostgresHistory(database.pool), deployments, log);
  const metrics = new WorkerMetrics(worker, deployments, telemetry.spansDropped);
  const watched = {
    metrics,
    metricsToken: environment.metricsToken,
    isReady: () => supervisor.isReady,
  };
  const house = { connections, supervisor, desired, held, environment: environment.environment, log, behaviourOf };
  const control = new ControlServer(house, watched, masterSecret, log);
  worker.address = await control.listen(environment.host, environment.port);
  const heartbeat = new Heartbeat(presence, connections, environment.redisUrl, log);
  const endTending = tendRunPartitions(database.pool, environment, log);
  const endTendingKeys = tendReceivedKeys(receivedKeys, log);
  const endTendingHeld = tendHeld(held, log);
  const endExampleTopics = tendExampleTopics(database.prisma, connections, log);
  const endRedriveTending = tendRedrives(database.prisma, database.pool, environment.environment, log);
  heartbeat.start();
  supervisor.start();
  forwarding.start();
  history.start();
  telemetry.beginMetrics(() => metrics.sample(), deployments);
  log.info(
    { worker: id, address: worker.address, environment: environment.environment, label: worker.label },
    "worker started",
  );

  return {
    id,
    address: worker.address,
    async stop(deadlineMs) {
      endTending();
      endTendingKeys();
      endTendingHeld();
      endExampleTopics();
      endRedriveTending();
      const remembered = history.stop();
      const draining = supervisor.stop(Math.max(0, deadlineMs - leaveMs));
      await waitAtMost(draining, deadlineMs);
      await waitAtMost(remembered, leaveMs);
      await waitAtMost(forwarding.stop(), leaveMs);
      await heartbeat.stop();
      const recorded = recorder.close().then(() => telemetry.close());
      const closing = Promise.all([control.close(), recorded, connections.close(), leave(presence, log)]);
      await waitAtMost(closing, leaveMs);
      await waitAtMost(database.close(), 1_000);
    },
  };
}

/** Kept of the deadline for closing connections and leaving. */
const leaveMs = 3_000;
/** Longer than any query of a worker. A Postgres that hangs holds up no lane for longer once it is back. */
const queryTimeoutMs = 10_000;

async function leave(presence: Presence, log: Log): Promise<void> {
  await presence.leave().catch((error: unknown) => log.warn(describeError(error), "worker could not sign off"));
}
