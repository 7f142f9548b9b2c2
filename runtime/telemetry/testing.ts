import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A span as it reached the collector. */
export interface ToldSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A collector that reads protobuf over HTTP, as far as these tests look. */
export async function openCollector() {
  const spans: ToldSpan[] = [];
  const metrics = new Set<string>();
  const headers: Record<string, unknown>[] = [];
  let refuses = false;
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    headers.push(request.headers);
    if (refuses) return response.writeHead(400).end();
    const body = Buffer.concat(parts);
    // ExportTraceServiceRequest and ExportMetricsServiceRequest alike: 1 resource, 2 scope, 2 what it tells.
    const told = messages(body, 1).flatMap((resource) => messages(resource, 2).flatMap((scope) => messages(scope, 2)));
    if (request.url === "/v1/traces") spans.push(...told.map(readSpan));
    else if (request.url === "/v1/metrics") for (const metric of told) metrics.add(text(metric, 1));
    response.writeHead(200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    metrics,
    headers,
    refuse: (on: boolean) => {
      refuses = on;
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

function readSpan(span: Buffer): ToldSpan {
  const hex = (field: number) => messages(span, field)[0]?.toString("hex") ?? "";
  const attributes = messages(span, 9).map((pair) => [text(pair, 1), readValue(messages(pair, 2)[0]!)] as const);
  return {
    traceId: hex(1),
    spanId: hex(2),
    parentSpanId: hex(4),
    name: text(span, 5),
    kind: Number(fields(span).find(([field]) => field === 6)?.[1] ?? 0),
    attributes: Object.fromEntries(attributes),
  };
}

/** AnyValue: 1 text, 3 whole number. */
function readValue(value: Buffer): unknown {
  const [field, content] = fields(value)[0] ?? [];
  return field === 1 ? String(content) : field === 3 ? Number(content) : undefined;
}

const text = (message: Buffer, field: number) => messages(message, field)[0]?.toString() ?? "";

const messages = (message: Buffer, field: number) =>
  fields(message).flatMap(([number, value]) => (number === field && Buffer.isBuffer(value) ? [value] : []));

/** The fields of a message by https://protobuf.dev/programming-guides/encoding/. */
function fields(message: Buffer): [number: number, value: bigint | Buffer][] {
  const found: [number, bigint | Buffer][] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const bytes = (length: number) => {
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = Number(varint());
    const read = { 0: varint, 1: () => bytes(8), 2: () => bytes(Number(varint())), 5: () => bytes(4) }[tag & 7];
    if (!read) throw new Error(`wire type ${tag & 7}`);
    found.push([tag >> 3, read()]);
  }
  return found;
}
