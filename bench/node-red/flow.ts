import type { Places } from "../case";

/** Kafka → parse → switch → Kafka as Node-RED keeps it, with the consumer's fetches as large as those of a source of Millrace. */
export function drawNodeRed(brokers: string, { input, outputs }: Places): object[] {
  const tab = { id: "tab", type: "tab", label: "switch" };
  const client = {
    id: "client",
    type: "kafkajs-client",
    brokers,
    clientid: "node-red",
    logLevel: "error",
    connectiontimeout: 3_000,
    requesttimeout: 30_000,
  };
  const consumer = {
    id: "in",
    type: "kafkajs-consumer",
    z: "tab",
    client: "client",
    groupid: `node-red-${outputs[0]}`,
    topic: input,
    advancedoptions: true,
    autocommitinterval: 500,
    autocommitthreshold: 1_000,
    sessiontimeout: 30_000,
    rebalancetimeout: 60_000,
    heartbeatinterval: 3_000,
    metadatamaxage: 300_000,
    allowautotopiccreation: false,
    maxbytesperpartition: 1024 * 1024,
    minbytes: 1,
    maxbytes: 8 * 1024 * 1024,
    maxwaittimeinms: 250,
    frombeginning: true,
    clearoffsets: false,
    wires: [["parse"]],
  };
  const parse = {
    id: "parse",
    type: "function",
    z: "tab",
    func: "const { key, value, headers } = msg.payload; return { key, headers, payload: value, body: JSON.parse(value) };",
    outputs: 1,
    wires: [["route"]],
  };
  const route = {
    id: "route",
    type: "switch",
    z: "tab",
    property: "body.quantity",
    propertyType: "msg",
    rules: [{ t: "gt", v: "4", vt: "num" }],
    checkall: "false",
    outputs: 1,
    wires: [["out"]],
  };
  const producer = {
    id: "out",
    type: "kafkajs-producer",
    z: "tab",
    client: "client",
    topic: outputs[0],
    acknowledge: "all",
    responsetimeout: 30_000,
    metadatamaxage: 300_000,
    allowautotopiccreation: false,
    transactiontimeout: 60_000,
    wires: [],
  };
  return [tab, client, consumer, parse, route, producer];
}
