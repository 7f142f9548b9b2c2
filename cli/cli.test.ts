import { TRPCClientError } from "@trpc/client";
import { describe, expect, it } from "vitest";
import type { FlowDocument } from "../flow/document";
import { semanticsOf } from "../flow/semantics";
import type { LiveView, RedriveView, WorkerView } from "../server/views";
import type { Client } from "./client";
import { readSettings } from "./commands/connections";
import { readMessages } from "./commands/send";
import { runCommand, type Surroundings } from "./run-command";
import { formatAgo, formatCount, formatDuration, writeTable } from "./table";

const flowFile = JSON.stringify({
  format: "millrace/flow@1",
  name: "orders",
  nodes: [
    { id: "hook", kind: "webhook-source", config: { path: "orders" } },
    { id: "seen", kind: "log", config: {} },
  ],
  edges: [{ from: "hook", to: "seen" }],
});

const guaranteed = {
  format: "millrace/flow@1",
  name: "orders",
  nodes: [
    { id: "orders", kind: "kafka-source", config: { topic: "orders" } },
    { id: "call", kind: "http-request", config: { url: "/x", order: "none" } },
    { id: "german", kind: "kafka-sink", config: { topic: "orders.de" } },
    { id: "seen", kind: "kafka-sink", config: { topic: "seen", key: "body.id" } },
  ],
  edges: [
    { from: "orders", to: "call" },
    { from: "call", to: "german" },
    { from: "orders", to: "seen" },
  ],
};

/** Runs a command line against answers given by the test, with a clock that jumps when it is slept on. */
async function run(
  line: readonly string[],
  client: object = {},
  more: { files?: Record<string, string>; env?: Record<string, string>; ask?: () => Promise<boolean> } = {},
) {
  let out = "";
  let err = "";
  let clock = 1_000_000;
  const files: Record<string, string> = { "orders.flow.json": flowFile, ...more.files };
  const around: Surroundings = {
    env: more.env ?? {},
    write: (text) => {
      out += text;
    },
    complain: (text) => {
      err += text;
    },
    readFile: async (path) => files[path] ?? "",
    fileExists: (path) => path in files,
    listFiles: async (folder) => Object.keys(files).filter((path) => path.startsWith(`${folder}/`)),
    ask: more.ask,
    writeFile: async (path, text) => {
      files[path] = text;
    },
    now: () => clock,
    sleep: async (milliseconds) => {
      clock += milliseconds;
    },
    client: client as Client,
  };
  const code = await runCommand(line, around);
  return { code, out, err };
}

function view(changes: Partial<LiveView> = {}): LiveView {
  const worker = {
    worker: "w1",
    pid: 41,
    host: "here",
    label: null,
    version: 1,
    revision: 2,
    state: "running" as const,
    updatedAt: new Date(999_000),
  };
  return {
    flow: "orders",
    state: "running",
    desired: "running",
    label: null,
    version: 1,
    revision: 2,
    nodes: {},
    lanes: [],
    workers: [worker],
    deadLetters: 0,
    tracesDropped: 0,
    ...changes,
  };
}

const living = { id: "w1", alive: true, label: null } as WorkerView;

describe("arguments", () => {
  it.each([
    [["nonsense"], "There is no command “nonsense”."],
    [["stop"], "Something is missing."],
    [["stop", "a", "b"], "“b” is one too many."],
    [["runs", "a", "--limit", "many"], "--limit takes a whole number from 1 to 200, not “many”."],
    [["deploy", "No Name"], "“No Name” is neither a flow file nor NAME or NAME@VERSION."],
    [["dead", "a", "--state", "lost"], "--state takes one of"],
    [["connect", "a", "--kind", "kafka", "--set", "brokers"], "--set takes NAME=VALUE"],
    [["stop", "a", "--force"], "--force"],
  ])("%j is refused with how it is written", async (line, words) => {
    const { code, out, err } = await run(line, { connections: { list: { query: async () => [] } } });
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(words);
  });

  it("says what is missing when no server is named", async () => {
    let err = "";
    const around = { env: {}, write: () => {}, complain: (text: string) => (err += text) };
    const rest = {
      readFile: async () => "",
      fileExists: () => false,
      listFiles: async () => [],
      writeFile: async () => {},
      now: Date.now,
      sleep: async () => {},
    };
    expect(await runCommand(["list"], { ...around, ...rest })).toBe(1);
    expect(err).toContain("No server runs here. Start one with `npm start`");
  });

  it("lists the commands", async () => {
    const { code, out } = await run([]);
    expect(code).toBe(0);
    for (const name of ["check", "deploy", "rollback", "redrive", "connect"]) expect(out).toContain(`\n  ${name} `);
  });
});

describe("check", () => {
  it("needs no server and tells each problem with its place and code", async () => {
    const wrong = flowFile.replace('"to":"seen"', '"to":"nowhere"');
    const { code, out, err } = await run(["check", "wrong.flow.json"], {}, { files: { "wrong.flow.json": wrong } });
    expect(code).toBe(1);
    expect(out).toContain("(edge-node-unknown)");
    expect(err).toMatch(/wrong\.flow\.json has \d+ errors?\./);
  });

  it("prints one document with --json", async () => {
    const { code, out } = await run(["check", "orders.flow.json", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      problems: expect.any(Array),
      semantics: { paths: [{ from: "hook", to: "seen", order: "none" }] },
    });
  });

  it("tells the guarantee of each path, what weakens it, and what would mend that", async () => {
    const { code, out } = await run(["check", "g.json"], {}, { files: { "g.json": JSON.stringify(guaranteed) } });
    expect(code).toBe(0);
    expect(out).toMatchInlineSnapshot(`
      "g.json is well: 4 nodes. At least once · no order

      PATH             GUARANTEE                       KEY
      orders → german  At least once · no order
      orders → seen    At least once · ordered by key  body.id

      Weakened:
      - From \`call\` on there is no order: up to 8 requests are on their way at once, and go on as they are answered.
        Let it keep the order by key or by lane.
      - After a crash or a retry \`call\` may send the same message twice.
        When the service remembers \`Idempotency-Key\`, turn on *Works once per key*.
      - After a crash or a retry \`german\` may write the same message twice.
        With *Message id* readers that look at \`millrace-message-id\` take each message once.
      - \`seen\` writes by \`body.id\`: messages are in order by that key, as far as those of one key came in one lane.
        Leave its key empty to keep that of the message.
      - After a crash or a retry \`seen\` may write the same message twice.
        With *Message id* readers that look at \`millrace-message-id\` take each message once.

      Where messages rest:
      - orders: Kafka keeps the messages as long as the topic's retention says; the position is committed to the group.
      - call: The service decides what it keeps.
      - german: Acknowledged by all in-sync replicas of the partition.
      - seen: Acknowledged by all in-sync replicas of the partition.
      "
    `);
  });

  it("refuses exactly once where it does not hold, and names the node", async () => {
    const file = JSON.stringify({ ...guaranteed, settings: { delivery: "exactly-once" } });
    const { code, out } = await run(["check", "g.json"], {}, { files: { "g.json": file } });
    expect(code).toBe(1);
    expect(out).toMatch(/^error {4}call: `call` \(HTTP request\).*\(exactly-once-broken\)$/m);
  });

  it("refuses what is not JSON", async () => {
    const { code, out } = await run(["check", "a.json"], {}, { files: { "a.json": "{" } });
    expect(code).toBe(1);
    expect(out).toContain("(file-not-json)");
  });
});

describe("deploy", () => {
  const calls: unknown[] = [];
  const client = (status: LiveView[], workers = [living]) => ({
    flows: { push: { mutate: async () => ({ name: "orders", created: true, revision: 5 }) } },
    deployments: {
      deploy: {
        mutate: async (input: unknown) => {
          calls.push(input);
          return { ok: true, version: 1, revision: 2, createdVersion: true };
        },
      },
      status: { query: async () => (status.length > 1 ? [status.shift()] : status) },
    },
    health: { workers: { query: async () => workers } },
  });

  it("pushes a file, deploys the revision that it saved, and waits for every worker", async () => {
    const starting = view({ state: "starting", workers: [] });
    const { code, out, err } = await run(
      ["deploy", "orders.flow.json", "--wait", "30", "--create"],
      client([starting, view()]),
    );
    expect(err).toBe("Made the flow orders.\n");
    expect(out).toBe("orders v1 runs on 1 worker, a new version (revision 2).\n");
    expect(code).toBe(0);
    expect(calls.at(-1)).toEqual({ flow: "orders", revision: 5, begin: { from: "continue" }, createMissing: true });
  });

  it("pushes no file that cannot run", async () => {
    const wrong = flowFile.replace('"to":"seen"', '"to":"nowhere"');
    const { code, out, err } = await run(
      ["deploy", "wrong.flow.json", "--json"],
      { flows: { push: { mutate: () => Promise.reject(new Error("It was pushed.")) } } },
      { files: { "wrong.flow.json": wrong } },
    );
    expect(code).toBe(1);
    expect(err).toContain("was not deployed.");
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      problems: expect.arrayContaining([expect.objectContaining({ code: "edge-node-unknown" })]),
    });
  });

  it("deploys a version from a time", async () => {
    await run(["deploy", "orders@3", "--from", "2026-11-23T08:00:00Z"], client([view()]));
    const begin = { from: "time", at: Date.UTC(2026, 10, 23, 8) };
    expect(calls.at(-1)).toMatchObject({ flow: "orders", version: 3, begin });
  });

  it("ends with the cause when it does not run in time", async () => {
    const cause = { code: "broker-unreachable", message: "Nobody answers at 127.0.0.1:1." };
    const worker = { ...view().workers[0]!, state: "degraded" as const };
    const { code, out, err } = await run(
      ["deploy", "orders", "--wait", "2"],
      client([view({ state: "degraded", cause, workers: [worker] })]),
    );
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err).toContain("degraded after 2 s.\nNobody answers at 127.0.0.1:1. (broker-unreachable)");
  });

  it("tells the cause once, on the node that has it", async () => {
    const cause = { code: "broker-unreachable", message: "Nobody answers at 127.0.0.1:1." };
    const worker = { ...view().workers[0]!, state: "degraded" as const };
    const sink = { state: "degraded" as const, cause, since: 0, in: 0, ports: {}, failed: 0, retried: 0, dead: 0 };
    const nodes = { out: { ...sink, inFlight: 0, rateIn: 0, rates: {} } };
    const { code, err } = await run(
      ["deploy", "orders", "--wait", "2"],
      client([view({ state: "starting", workers: [] }), view({ state: "degraded", cause, nodes, workers: [worker] })]),
    );
    expect(code).toBe(1);
    expect(err).toContain("degraded after 2 s.\nout: Nobody answers at 127.0.0.1:1. (broker-unreachable)");
  });

  it("says that no worker runs", async () => {
    const { code, err } = await run(["deploy", "orders", "--wait", "1"], client([view({ workers: [] })], []));
    expect(code).toBe(1);
    expect(err).toContain("no worker is running. Start one with `npm run worker`");
  });

  it("waits for the workers of its label alone", async () => {
    const heavy = { ...living, id: "w2", label: "heavy" };
    const own = { ...view().workers[0]!, worker: "w2", label: "heavy" };
    const ran = await run(
      ["deploy", "orders", "--wait", "1"],
      client([view({ label: "heavy", workers: [own] })], [living, heavy]),
    );
    expect([ran.code, ran.out]).toEqual([0, "orders v1 runs on 1 worker, a new version (revision 2).\n"]);
    const nobody = await run(["deploy", "orders", "--wait", "1"], client([view({ label: "heavy", workers: [] })]));
    expect(nobody.code).toBe(1);
    expect(nobody.err).toContain("no running worker has the label `heavy`");
    expect(nobody.err).toContain("(worker-label-missing)");
  });

  it("prints the problems of a drawing that was refused", async () => {
    const problem = {
      code: "topic-missing",
      severity: "error",
      message: "The topic `a` does not exist.",
      node: "in",
      field: "topic",
    };
    const refusing = { deployments: { deploy: { mutate: async () => ({ ok: false, problems: [problem] }) } } };
    const { code, err } = await run(["deploy", "orders"], refusing);
    expect(code).toBe(1);
    expect(err).toContain("in · topic: The topic `a` does not exist. (topic-missing)");
    expect(err).toContain("--create");
  });
});

describe("status", () => {
  it("shows workers, counts and lag in aligned columns", async () => {
    const node = {
      state: "running" as const,
      since: 0,
      in: 12_480,
      ports: { out: 12_000 },
      failed: 1,
      retried: 0,
      dead: 1,
      inFlight: 0,
    };
    const lane = {
      node: "in",
      lane: "orders/0",
      position: "17",
      lag: 3,
      inFlight: 0,
      full: false,
      lastProgressAt: 997_000,
      state: "flowing" as const,
      since: 1,
      owners: [{ worker: "w1", pid: 41, host: "here", label: null }],
    };
    const shown = view({ nodes: { in: { ...node, rateIn: 40.5, rates: { out: 40 } } }, lanes: [lane], deadLetters: 1 });
    const { out } = await run(["status"], {
      deployments: { status: { query: async () => [shown] } },
      health: { workers: { query: async () => [living] } },
    });
    expect(out).toMatchInlineSnapshot(`
      "orders  running  v1, revision 2, 1 in the dead letters
        WORKER  PID  VERSION  REVISION  STATE    LANES  REPORTED
        here     41        1         2  running      1  1.0 s ago
        NODE  STATE        IN     OUT  PER SECOND  FAILED  RETRIED  DEAD
        in    running  12,480  12,000          41       1        0     1
        LANE      NODE  STATE    POSITION  LAG  IN FLIGHT  LAST PROGRESS  OWNER
        orders/0  in    flowing  17          3          0  3.0 s ago      here 41
      "
    `);
  });

  it("tells of an open circuit and of messages that wait for a later try", async () => {
    const node = {
      state: "degraded" as const,
      since: 0,
      in: 9,
      ports: {},
      failed: 0,
      retried: 0,
      dead: 0,
      inFlight: 1,
    };
    const rates = { rateIn: 0, rates: {} };
    const nodes = {
      call: { ...node, ...rates, parked: 12, circuit: "open" as const, nextCallAt: 1_004_000 },
      ask: { ...node, ...rates, circuit: "half-open" as const },
    };
    const { out } = await run(["status"], {
      deployments: { status: { query: async () => [view({ nodes })] } },
      health: { workers: { query: async () => [living] } },
    });
    expect(out).toMatch(/PARKED +CIRCUIT/);
    expect(out).toMatch(/call .* 12 +open, next call in 4\.0 s/);
    expect(out).toMatch(/ask .* half open, one call asks/);
  });

  it("of one flow tells what it guarantees", async () => {
    const semantics = semanticsOf(guaranteed as FlowDocument);
    const client = {
      deployments: { status: { query: async () => [view()] }, guarantee: { query: async () => semantics } },
      health: { workers: { query: async () => [living] } },
    };
    const { out } = await run(["status", "orders"], client);
    expect(out).toContain("\n  At least once · no order\n");
    expect(out).toContain("- From `call` on there is no order");
    expect(JSON.parse((await run(["status", "orders", "--json"], client)).out)).toMatchObject([
      { flow: "orders", semantics: { summary: "At least once · no order" } },
    ]);
  });

  it("names the label of a flow, of its workers and of the owners of its lanes", async () => {
    const heavy = { ...view().workers[0]!, label: "heavy" };
    const { host, pid, worker, label } = heavy;
    const lane = {
      node: "in",
      lane: "jobs",
      position: null,
      lag: 0,
      inFlight: 0,
      full: false,
      lastProgressAt: null,
      state: "idle",
      since: 1,
    } as const;
    const shown = view({ label, workers: [heavy], lanes: [{ ...lane, owners: [{ worker, host, pid, label }] }] });
    const { out } = await run(["status"], {
      deployments: { status: { query: async () => [shown] } },
      health: { workers: { query: async () => [living] } },
    });
    expect(out).toContain("runs on workers with the label heavy");
    expect(out).toMatch(/here {5}41 {2}heavy/);
    expect(out).toContain("here 41 (heavy)");
  });
});

describe("messages that wait for a later try", () => {
  const waiting = {
    id: "p-1",
    flow: "orders",
    node: "call",
    lane: "orders/0",
    position: "7",
    key: "c-1",
    causeCode: "http-status",
    causeMessage: "The endpoint answered 500.",
    attempts: 1,
    ofAttempts: 3,
    dueAt: new Date(1_030_000),
    behind: null,
    givenUp: false,
    runs: true,
    runId: null,
    createdAt: new Date(995_000),
  };

  it("are listed with when each is tried, or what it waits behind", async () => {
    const behind = { ...waiting, id: "p-2", attempts: 0, dueAt: null, behind: { id: "p-1", count: 1 } };
    const items = [waiting, behind, { ...waiting, id: "p-3", givenUp: true, ofAttempts: null }];
    const client = { parked: { list: { query: async () => ({ items, more: false, total: 3 }) } } };
    const { out } = await run(["parked", "orders"], client);
    expect(out).toMatchInlineSnapshot(`
      "ID   NODE  KEY  ATTEMPTS  NEXT TRY                    POSITION      SINCE      CAUSE        WORDS
      p-1  call  c-1    1 of 3  in 30.0 s                   orders/0 @ 7  5.0 s ago  http-status  The endpoint answered 500.
      p-2  call  c-1    0 of 3  after 1 message of its key  orders/0 @ 7  5.0 s ago  http-status  The endpoint answered 500.
      p-3  call  c-1         1  none, given up              orders/0 @ 7  5.0 s ago  http-status  The endpoint answered 500.
      "
    `);
    expect(JSON.parse((await run(["parked", "orders", "--json"], client)).out)).toMatchObject({ total: 3 });
  });

  it.each([
    [["parked-now", "orders", "--node", "call"], { flow: "orders", node: "call" }, "2 messages are due now"],
    [["parked-now", "orders", "--id", "p-1"], { ids: ["p-1"] }, "2 messages are due now"],
    [
      ["parked-give-up", "orders"],
      { flow: "orders" },
      "1 message goes to the dead letters as soon as nobody tries it.",
    ],
    [["parked-give-up", "orders", "--id", "a", "--id", "b"], { ids: ["a", "b"] }, "1 message goes"],
  ])("%j asks for exactly those", async (line, expected, words) => {
    const asked: unknown[] = [];
    const answer = (result: object) => ({
      mutate: async (choice: unknown) => {
        asked.push(choice);
        return result;
      },
    });
    const client = {
      flows: { get: { query: async () => ({}) } },
      parked: { tryNow: answer({ due: 2 }), giveUp: answer({ givenUp: 1 }) },
    };
    const { code, out } = await run(line, client);
    expect([code, asked]).toEqual([0, [expected]]);
    expect(out).toContain(words);
  });
});

describe("errors of the server", () => {
  it("come as their words and their code", async () => {
    const error = new TRPCClientError("refused", {
      result: { error: { data: { problem: { code: "role-too-small", message: "This needs the role operator." } } } },
    } as never);
    const refusing = { deployments: { stop: { mutate: () => Promise.reject(error) } } };
    const { code, err } = await run(["stop", "orders"], refusing);
    expect(code).toBe(1);
    expect(err).toBe("This needs the role operator. (role-too-small)\n");
  });
});

describe("messages of a file", () => {
  it("are one body, or a list of bodies and messages", () => {
    expect(readMessages('{"id": 1}', "a.json")).toMatchObject([{ key: null, value: '{"id": 1}' }]);
    expect(
      readMessages('[{"id": 1}, {"key": "k", "headers": {"a": "b"}, "body": {"id": 2}}, {"value": null}]', "a.json"),
    ).toEqual([
      { key: null, headers: [], value: '{"id":1}', encoding: "text" },
      { key: "k", headers: [["a", "b"]], value: '{"id":2}', encoding: "text" },
      { key: null, headers: [], value: null, encoding: "text" },
    ]);
  });

  it("keep the digits of numbers in a single body", () => {
    expect(readMessages('{"id": 9007199254740993}', "a.json")[0]?.value).toBe('{"id": 9007199254740993}');
  });

  it("are one a line, as a test case or an export of dead letters has them", () => {
    const letter = {
      ...{ id: "d-1", flow: "orders", version: 1, node: "total", state: "waiting", cause: { code: "c", message: "m" } },
      ...{ source: "orders", lane: "orders/0", position: "4", part: "0", codec: "json", attempts: 1, sends: 0 },
      ...{ key: "c-7", headers: [["a", "b"]], value: '{"price": 1.0}' },
    };
    const lines = [
      '{"key": "c-1", "body": {"id": 9007199254740993}}',
      '{"key": "c-2", "base64": "AAE="}',
      "",
      '{"id": 3}',
      JSON.stringify(letter),
    ];
    expect(readMessages(`\ufeff${lines.join("\r\n")}\n`, "a.ndjson")).toEqual([
      { key: "c-1", headers: [], value: '{"id":9007199254740993}', encoding: "text" },
      { key: "c-2", headers: [], value: "AAE=", encoding: "base64" },
      { key: null, headers: [], value: '{"id": 3}', encoding: "text" },
      { key: "c-7", headers: [["a", "b"]], value: '{"price": 1.0}', encoding: "text" },
    ]);
    // A file of one line is the same.
    expect(readMessages(JSON.stringify(letter), "a.ndjson")).toMatchObject([{ key: "c-7" }]);
    const bytes = JSON.stringify({ ...letter, keyEncoding: "base64" });
    expect(() => readMessages(`{}\n${bytes}`, "a.ndjson")).toThrow("a.ndjson, line 2: its key is bytes");
  });

  it("that are none are refused", () => {
    expect(() => readMessages("{", "a.json")).toThrow("a.json, line 1 is not JSON; nothing was sent.");
    expect(() => readMessages('{"id": 1}\n\nplain words\n', "a.ndjson")).toThrow("a.ndjson, line 3 is not JSON");
    expect(() => readMessages("\n", "a.ndjson")).toThrow("a.ndjson is empty");
    expect(() => readMessages('{"body": 1}\n{"key": 3, "body": 1}', "a.ndjson")).toThrow("a.ndjson, line 2: key");
    expect(() => readMessages("[]", "a.json")).toThrow("nothing to send");
    expect(() => readMessages('[{"key": 3, "value": "a"}]', "a.json")).toThrow("a.json, number 1: key");
  });
});

describe("connect", () => {
  it("gives settings the types of the kind's fields", () => {
    const pairs: [string, string][] = [
      ["brokers", "a:1,b:2"],
      ["tls", "true"],
    ];
    expect(readSettings("kafka", pairs)).toEqual({ brokers: "a:1,b:2", tls: true });
    expect(readSettings("http", [["headers.x-team", "a"]])).toEqual({ headers: { "x-team": "a" } });
    expect(() => readSettings("kafka", [["tls", "yes"]])).toThrow("true or false");
  });

  it("takes secrets from files and the environment, never from the command line", async () => {
    let saved: unknown;
    const client = {
      connections: {
        list: { query: async () => [] },
        save: {
          mutate: async (input: unknown) => {
            saved = input;
            return { created: true };
          },
        },
      },
    };
    const line = ["connect", "a", "--kind", "http"];
    const world = { files: { "token.txt": "t0ken\n" }, env: { PASS: "word" } };
    await run([...line, "--secret", "token=@token.txt", "--secret", "password=env:PASS"], client, world);
    expect(saved).toMatchObject({ secrets: { token: "t0ken", password: "word" } });
    const { code, err } = await run([...line, "--secret", "token=t0ken"], client);
    expect(code).toBe(2);
    expect(err).not.toContain("t0ken");
  });
});

describe("tables", () => {
  it("align, leave empty columns out, and take control characters away", () => {
    const rows = [
      { name: "a", count: 12_000, note: "" },
      { name: "long name", count: 7, note: "" },
      { name: "\u001b[31mred", count: 0, note: "" },
    ];
    const text = writeTable(rows, [
      { title: "name", value: (row) => row.name },
      { title: "count", value: (row) => row.count, right: true },
      { title: "note", value: (row) => row.note },
    ]);
    expect(text.split("\n")).toEqual([
      "NAME        COUNT",
      "a          12,000",
      "long name       7",
      "\ufffd[31mred        0",
    ]);
  });

  it("write amounts and times as a person reads them", () => {
    expect([0.2, 850.4, 1_234, 90_000, 7_200_000].map(formatDuration)).toEqual([
      "0.20 ms",
      "850 ms",
      "1.2 s",
      "2 min",
      "2 h",
    ]);
    expect([formatCount(1_234_567), formatCount(1.25), formatAgo(null, 0), formatAgo(500, 1_000)]).toEqual([
      "1,234,567",
      "1.3",
      "never",
      "now",
    ]);
  });
});

describe("redrive", () => {
  const view: RedriveView = {
    id: "r-1",
    flow: "orders",
    flowTitle: "Orders",
    state: "running",
    target: "node",
    ids: 0,
    cause: null,
    where: null,
    edit: null,
    rate: 5,
    pauseAfter: null,
    asked: 3,
    left: 3,
    givenBack: 0,
    sent: 0,
    failedAgain: 0,
    changed: 0,
    refused: 0,
    skipped: 1,
    skippedWords: "No such key.",
    reason: null,
    by: "a@example.com",
    createdAt: new Date(0),
    endedAt: null,
  };

  it("passes on what is chosen, and tells what the condition failed on", async () => {
    const asked: unknown[] = [];
    const mutate = async (input: unknown) => {
      asked.push(input);
      return { queued: 3, redrives: [view] };
    };
    const line = ["redrive", "orders", "--where", "body.n > 1", "--rate", "5", "--edit", "{}", "--to", "source"];
    const { code, out } = await run(line, { deadLetters: { redrive: { mutate } } });
    expect(code).toBe(0);
    expect(asked).toEqual([{ flow: "orders", target: "source", where: "body.n > 1", rate: 5, edit: { cel: "{}" } }]);
    expect(out).toContain("3 dead letters will be sent to the source.");
    expect(out).toContain("1 dead letter not chosen, as the condition fails: No such key.");
  });

  it("sends nothing on a dry run, and fails when the edit would", async () => {
    const letter = { id: "l-1", key: null, node: "call", lane: "a", position: "1", before: "{}" };
    const preview = {
      matched: 2,
      looked: 9,
      complete: true,
      skipped: 0,
      skippedWords: null,
      editFails: 1,
      editWords: "No such key.",
      sample: [{ ...letter, after: null, error: "No such key." }],
      repeat: ["A second delivery does no harm."],
    };
    const client = { deadLetters: { preview: { query: async () => preview } } };
    const { code, out, err } = await run(["redrive", "orders", "--dry-run"], client);
    expect(code).toBe(1);
    expect(out).toContain("2 dead letters fit. Nothing was sent.\nA second delivery does no harm.");
    expect(err).toContain("The edit fails on 1 dead letter, so none would be sent");
  });

  it("waits for the end, and fails when some failed again", async () => {
    const states = [view, { ...view, sent: 1, left: 2 }, { ...view, state: "done", sent: 2, failedAgain: 1, left: 0 }];
    const client = {
      deadLetters: { redrive: { mutate: async () => ({ queued: 3, redrives: [view] }) } },
      redrives: { get: { query: async () => states.shift() } },
    };
    const { code, out, err } = await run(["redrive", "orders", "--wait", "30"], client);
    expect(code).toBe(1);
    expect(out).toContain("done");
    expect(err).toContain("1 of 3 sent");
    expect(err).toContain("1 dead letter failed again");
  });
});

describe("what is recorded for a time", () => {
  const endsAt = new Date(1_000_000 + 3_600_000);

  it("is listed with its end and who asked", async () => {
    const found = {
      id: "r-1",
      condition: "body.id == 42",
      by: "ada@example.org",
      createdAt: new Date(995_000),
      endsAt,
    };
    const client = { recordings: { list: { query: async () => [found] } } };
    const { out } = await run(["record", "orders"], client);
    expect(out).toMatch(/r-1 +body\.id == 42 .*ada@example\.org/);
    const none = { recordings: { list: { query: async () => [] } } };
    expect((await run(["record", "orders"], none)).out).toContain("Nothing of orders is recorded for a time.");
  });

  it("is asked for, an hour unless it says otherwise, and stopped", async () => {
    const asked: unknown[] = [];
    const answer = (result: unknown) => ({
      mutate: async (input: unknown) => {
        asked.push(input);
        return result;
      },
    });
    const client = { recordings: { start: answer({ id: "r-1", endsAt }), stop: answer(undefined) } };
    expect((await run(["record", "orders", "--where", "body.id == 42"], client)).out).toContain("record-stop r-1");
    await run(["record", "orders", "--where", "true", "--minutes", "5"], client);
    await run(["record-stop", "r-1"], client);
    expect(asked).toEqual([
      { flow: "orders", condition: "body.id == 42", minutes: 60 },
      { flow: "orders", condition: "true", minutes: 5 },
      { id: "r-1" },
    ]);
    expect((await run(["record", "orders", "--minutes", "5"], client)).code).toBe(2);
  });
});
