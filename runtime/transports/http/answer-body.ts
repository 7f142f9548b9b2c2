import { type BrotliDecompress, createBrotliDecompress, createGunzip, type Gunzip } from "node:zlib";

/** The bytes of an answer, unpacked, up to a limit. */
export interface AnswerBody {
  /** `false`: it has enough, and what comes behind is not wanted. */
  add(part: Buffer): boolean;
  /** Calls back with all of it. */
  end(then: (error: Error | null, body: Buffer, truncated: boolean) => void): void;
}

/** @param encoding the answer's `content-encoding`; bytes in one that is not known here stay as they are */
export function openBody(encoding: string | undefined, maxBytes: number): AnswerBody {
  if (encoding === "gzip" || encoding === "x-gzip") return new PackedBody(createGunzip(), maxBytes);
  if (encoding === "br") return new PackedBody(createBrotliDecompress(), maxBytes);
  return new PlainBody(maxBytes);
}

class PlainBody implements AnswerBody {
  readonly #parts: Buffer[] = [];
  #size = 0;
  #truncated = false;

  constructor(readonly maxBytes: number) {}

  add(part: Buffer): boolean {
    const room = this.maxBytes - this.#size;
    if (part.length > room) this.#truncated = true;
    this.#parts.push(part.length > room ? part.subarray(0, room) : part);
    this.#size += Math.min(part.length, room);
    return !this.#truncated;
  }

  end(then: (error: null, body: Buffer, truncated: boolean) => void): void {
    const [only] = this.#parts;
    then(null, this.#parts.length === 1 ? only! : Buffer.concat(this.#parts, this.#size), this.#truncated);
  }
}

class PackedBody implements AnswerBody {
  readonly #unpacked: PlainBody;
  #isEmpty = true;
  #isFull = false;
  #error: Error | null = null;

  constructor(
    readonly unpacker: Gunzip | BrotliDecompress,
    maxBytes: number,
  ) {
    this.#unpacked = new PlainBody(maxBytes);
    unpacker.on("data", (part: Buffer) => {
      if (this.#isFull || this.#unpacked.add(part)) return;
      this.#isFull = true;
      // A small answer may unpack to more than a memory holds.
      unpacker.destroy();
    });
    unpacker.on("error", (error) => {
      this.#error = error;
    });
  }

  add(part: Buffer): boolean {
    this.#isEmpty = false;
    if (!this.unpacker.destroyed) this.unpacker.write(part);
    return !this.#isFull && !this.#error;
  }

  end(then: (error: Error | null, body: Buffer, truncated: boolean) => void): void {
    const finish = () => this.#unpacked.end((_, body, truncated) => then(this.#error, body, truncated));
    // An answer without a body may name an encoding all the same.
    if (this.#isEmpty || this.unpacker.closed) {
      finish();
      return;
    }
    this.unpacker.once("close", finish);
    if (!this.unpacker.destroyed) this.unpacker.end();
  }
}
