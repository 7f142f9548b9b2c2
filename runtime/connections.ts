import { createHash } from "node:crypto";
import { findConnectionKind } from "../flow/connection-catalog";
import type { ConnectionKindName, ConnectionPorts } from "../flow/connection-ports";
import type { ConnectionRef } from "../flow/control";
import { openSecrets, SecretsUnreadableError } from "../prisma/secrets";
import { describeError, type Log } from "./log";
import { type OpenTransport, type Transport, type TransportEnvironment, TransportError } from "./transport";

export interface ConnectionRow {
  readonly name: string;
  readonly kind: string;
  readonly config: unknown;
  readonly secrets: Uint8Array | null;
}

export type Transports = { readonly [Kind in ConnectionKindName]: OpenTransport<Kind> };

interface Entry {
  readonly fingerprint: string;
  readonly transport: Transport;
  uses: number;
  closing: NodeJS.Timeout | null;
}

/** A connection that nobody uses any more is kept open for a while: the next question or deploy comes soon. */
const idleCloseMs = 30_000;

/** The connections of this environment, each opened once and shared by all nodes and questions that name it. */
export class Connections {
  #rows = new Map<string, ConnectionRow & { readonly fingerprint: string }>();
  /** By name and fingerprint: an edited connection is another one, the old stays open for those who still use it. */
  readonly #open = new Map<string, Entry>();

  constructor(
    readonly transports: Transports,
    readonly environment: TransportEnvironment,
    readonly masterSecret: string,
    readonly log: Log,
  ) {}

  /** Takes over what is stored. */
  update(rows: readonly ConnectionRow[]): void {
    this.loaded = true;
    this.#rows = new Map(rows.map((row) => [row.name, { ...row, fingerprint: makeFingerprint(row) }]));
  }

  /** Were the stored connections read at least once? */
  loaded = false;

  /** What is stored of a connection, without its secrets. */
  config(name: string): Readonly<Record<string, unknown>> | undefined {
    const row = this.#rows.get(name);
    return row && ((row.config ?? {}) as Record<string, unknown>);
  }

  /** Those of kinds that messages rest in. */
  brokers(): { readonly name: string; readonly kind: string }[] {
    return [...this.#rows.values()].filter(({ kind }) => (findConnectionKind(kind)?.places.length ?? 0) > 0);
  }

  /** What the connection is made of now; changes with each edit. `undefined` = there is none of that name. */
  fingerprint(name: string): string | undefined {
    return this.#rows.get(name)?.fingerprint;
  }

  /** @throws TransportError for one that does not exist or cannot be made. */
  acquire(name: string): { readonly transport: Transport; readonly fingerprint: string; release(): void } {
    const row = this.#rows.get(name);
    if (!row) throw fail("connection-missing", `There is no connection "${name}". Create it on the Connections page.`);
    const id = `${name}\n${row.fingerprint}`;
    let entry = this.#open.get(id);
    if (!entry) {
      const transport = this.#make(name, row.kind, row.config, this.#openSecrets(row));
      entry = { fingerprint: row.fingerprint, transport, uses: 0, closing: null };
      this.#open.set(id, entry);
    }
    const held = entry;
    held.uses++;
    if (held.closing) clearTimeout(held.closing);
    held.closing = null;
    let released = false;
    return {
      transport: held.transport,
      fingerprint: held.fingerprint,
      release: () => {
        if (released) return;
        released = true;
        if (--held.uses > 0) return;
        held.closing = setTimeout(() => {
          this.#open.delete(id);
          void this.#close(held.transport);
        }, idleCloseMs).unref();
      },
    };
  }

  /** Uses a connection for one question: a saved one, or one as typed into a form. @throws TransportError */
  async use<Result>(ref: ConnectionRef, work: (transport: Transport) => Promise<Result>): Promise<Result> {
    if ("name" in ref) {
      const held = this.acquire(ref.name);
      try {
        return await work(held.transport);
      } finally {
        held.release();
      }
    }
    const saved = ref.savedAs === undefined ? undefined : this.#rows.get(ref.savedAs);
    const secrets = { ...(saved ? this.#openSecrets(saved) : {}), ...ref.secrets };
    const transport = this.#make(ref.savedAs ?? "new", ref.kind, ref.config, secrets);
    try {
      return await work(transport);
    } finally {
      void this.#close(transport);
    }
  }

  async close(): Promise<void> {
    const entries = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(
      entries.map(({ transport, closing }) => {
        if (closing) clearTimeout(closing);
        return this.#close(transport);
      }),
    );
  }

  #make(name: string, kind: string, config: unknown, secrets: Record<string, string>): Transport {
    const known = findConnectionKind(kind);
    if (!known || !(kind in this.transports)) {
      throw fail(
        "connection-wrong-kind",
        `The connection "${name}" is of the kind "${kind}", which this worker does not know.`,
      );
    }
    const parsed = known.config.safeParse(config);
    if (!parsed.success) {
      const field = parsed.error.issues[0]?.path.join(".");
      throw fail(
        "connection-incomplete",
        `The connection "${name}" has a setting that does not fit${field ? `: ${field}` : ""}.`,
      );
    }
    const missing = known.missing(parsed.data, Object.keys(secrets));
    if (missing.length > 0)
      throw fail("connection-incomplete", `The connection "${name}" is not complete: ${missing.join(" ")}`);
    return this.transports[kind as ConnectionKindName]({
      name,
      config: parsed.data as Record<string, unknown>,
      secrets,
      environment: this.environment,
      log: (level, message, fields) => this.log[level]({ connection: name, ...fields }, message),
    });
  }

  #openSecrets(row: ConnectionRow): Record<string, string> {
    try {
      return openSecrets(this.masterSecret, row.secrets);
    } catch (error) {
      if (error instanceof SecretsUnreadableError) throw fail("connection-incomplete", error.message);
      throw error;
    }
  }

  async #close(transport: Transport): Promise<void> {
    await transport
      .close()
      .catch((error: unknown) => this.log.warn(describeError(error), "connection did not close cleanly"));
  }
}

/** The connections that one version's nodes, or one source, hold. */
export class Borrower {
  readonly #held = new Map<string, ReturnType<Connections["acquire"]>>();

  constructor(readonly connections: Connections) {}

  /** The port of a connection. @throws TransportError when it does not exist or is of another kind. */
  connection<Kind extends ConnectionKindName>(kind: Kind, name: string): ConnectionPorts[Kind] {
    let held = this.#held.get(name);
    if (!held) {
      held = this.connections.acquire(name);
      this.#held.set(name, held);
    }
    if (held.transport.kind !== kind) {
      throw fail(
        "connection-wrong-kind",
        `The connection "${name}" is of the kind "${held.transport.kind}"; the node needs "${kind}".`,
      );
    }
    return held.transport.port as ConnectionPorts[Kind];
  }

  /** Was none of them edited since? */
  isCurrent(): boolean {
    return [...this.#held].every(([name, { fingerprint }]) => this.connections.fingerprint(name) === fingerprint);
  }

  release(): void {
    for (const held of this.#held.values()) held.release();
    this.#held.clear();
  }
}

function makeFingerprint({ kind, config, secrets }: ConnectionRow): string {
  return createHash("sha256")
    .update(JSON.stringify([kind, config]))
    .update(secrets ?? "")
    .digest("base64");
}

function fail(code: string, message: string): TransportError {
  return new TransportError({ code, message });
}
