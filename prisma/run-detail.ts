import { gunzipSync, gzipSync } from "node:zlib";
import type { RunDetail } from "../flow/control";

/** A run's steps and payloads as the column `Run.detail` holds them: gzipped JSON, fast rather than small. */
export function packRunDetail(detail: RunDetail): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(JSON.stringify(detail), { level: 1 }));
}

/** What `packRunDetail` made. @throws Error when the bytes are damaged */
export function unpackRunDetail(bytes: Uint8Array): RunDetail {
  return JSON.parse(gunzipSync(bytes).toString("utf8")) as RunDetail;
}
