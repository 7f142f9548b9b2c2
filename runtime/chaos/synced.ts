import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, stat, truncate } from "node:fs/promises";

/** A machine that fails, for one file of one process: what the kernel had and the disk had not is cut off. */
export interface DiskWatch {
  /** To be called when the process is gone. Returns how many bytes were cut off. */
  loseUnsynced(): Promise<number>;
}

/** Watches by strace what a process writes to its file, and which of it was synced. @throws Error where strace is not there, or may not. */
export async function watchDisk(pid: number, file: string): Promise<DiskWatch> {
  const trace = `${file}.trace`;
  const before = (await stat(file)).size;
  const args = ["-f", "-s", "0", "-P", file, "-e", "trace=write,fsync,fdatasync", "-o", trace, "-p", String(pid)];
  const strace = spawn("strace", args, { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(strace, "exit");
  ended.catch(() => {});
  const words = await firstWords(strace);
  if (!words.includes("attached")) throw new Error(`strace cannot watch Redis: ${words}`);
  return {
    async loseUnsynced() {
      await ended;
      const size = sizeSynced(await readFile(trace, "utf8"), before);
      const had = (await stat(file)).size;
      await truncate(file, size);
      return had - size;
    },
  };
}

function firstWords(strace: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    strace.once("error", ({ message }) => resolve(message));
    strace.stderr!.once("data", (bytes: Buffer) => resolve(String(bytes).trim()));
  });
}

/** The size that a file surely has on the disk: what was written before the last sync that succeeded had begun. `before`: its size until then. */
export function sizeSynced(trace: string, before: number): number {
  let [written, begun, synced] = [before, before, before];
  for (const line of trace.split("\n")) {
    const result = Number(/ = (\d+)$/.exec(line)?.[1] ?? Number.NaN);
    if (/\b(write\(|write resumed)/.test(line)) written += result || 0;
    if (/\b(fsync|fdatasync)\(/.test(line)) begun = written;
    if (/\b(fsync|fdatasync)(\(| resumed)/.test(line) && result === 0) synced = begun;
  }
  return synced;
}
