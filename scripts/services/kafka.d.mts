import type { Server } from "./server";

export interface KafkaNode extends Server {
  /** As the cluster knows it. */
  readonly id: number;
  /** The process stands still: a broker that does not answer. */
  pause(): void;
  resume(): void;
}
export interface KafkaServer extends KafkaNode {
  brokers: string;
}
export interface KafkaCluster {
  brokers: string;
  nodes: KafkaNode[];
  stop(): Promise<unknown>;
}
export function startKafka(options: {
  dir: string;
  port: number;
  controllerPort: number;
  /** A second listener. `host`: the name under which it is reached; the others are PEM files. */
  tls?: { port: number; host: string; certificate: string; key: string };
  log?: string;
}): Promise<KafkaServer>;
/** Replication 3 and min.insync.replicas 2: for tests that move leaders. `heap` is each node's, "512m" if not said. */
export function startKafkaCluster(options: { dir: string; nodes?: number; heap?: string }): Promise<KafkaCluster>;
export function isKafka(port: number, host?: string): Promise<boolean>;
/** The folder with Kafka's jars, for Java's own clients. Needs Maven the first time. */
export function fetchKafka(): Promise<string>;
