import "server-only";

export interface ShopAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a service was asked for: how many pieces, how many cents. */
export interface Deed {
  readonly order: string;
  readonly size: number;
}

/** What a service is called on the outside. */
export interface Trade {
  readonly name: string;
  /** As paths and books say it: `reserve`, `reserved`, `release`, `released`. */
  readonly words: { readonly do: string; readonly done: string; readonly undo: string; readonly undone: string };
  /** Of its sum in the books: `pieces`, `cents`. */
  readonly unit: string;
  /** First letters of the receipts that it hands out. */
  readonly receipt: string;
}

interface Known {
  readonly deed?: Deed;
  readonly did?: ShopAnswer;
  readonly undid?: ShopAnswer;
}

/**
 * One service of the shop, as `docs/sagas.md` asks of every service that a saga calls: it knows a request again by its key and answers the same,
 * it refuses an action whose compensation came first, and takes back what it never did.
 */
export class ShopService {
  /** By the key of the action; the oldest are forgotten. */
  readonly #known = new Map<string, Known>();
  /** Receipts are numbered. */
  #receipts = 0;
  #done = 0;
  #undone = 0;
  #size = 0;
  #repeated = 0;
  #refused = 0;
  #nothingToUndo = 0;

  constructor(
    readonly trade: Trade,
    readonly maxKnown: number,
    /** Told how an order stands here: one more, one less. */
    readonly tell: (order: string, difference: 1 | -1) => void,
  ) {}

  do(key: string, deed: Deed): ShopAnswer {
    const known = this.#known.get(key);
    if (known?.did) {
      this.#repeated++;
      return known.did;
    }
    if (known?.undid) {
      this.#refused++;
      return { status: 409, body: { error: `This was ${this.trade.words.undone} before it came.`, order: deed.order } };
    }
    const { words, unit, receipt } = this.trade;
    const did = {
      status: 200,
      body: { order: deed.order, [words.done]: true, [unit]: deed.size, receipt: `${receipt}-${++this.#receipts}` },
    };
    this.#done++;
    this.#size += deed.size;
    this.tell(deed.order, 1);
    this.#keep(key, { deed, did });
    return did;
  }

  /** `key` is that of the action. */
  undo(key: string, order: string): ShopAnswer {
    const known = this.#known.get(key);
    if (known?.undid) {
      this.#repeated++;
      return known.undid;
    }
    const undid = { status: 200, body: { order, [this.trade.words.undone]: known?.did !== undefined } };
    if (known?.deed) {
      this.#undone++;
      this.#size -= known.deed.size;
      this.tell(known.deed.order, -1);
    } else {
      this.#nothingToUndo++;
    }
    this.#keep(key, { ...known, undid });
    return undid;
  }

  readBooks(): Record<string, number> {
    const { words, unit } = this.trade;
    return {
      [words.done]: this.#done,
      [words.undone]: this.#undone,
      standing: this.#done - this.#undone,
      [unit]: this.#size,
      repeated: this.#repeated,
      refusedLate: this.#refused,
      nothingToUndo: this.#nothingToUndo,
    };
  }

  #keep(key: string, known: Known): void {
    if (!this.#known.has(key) && this.#known.size >= this.maxKnown) {
      const oldest = this.#known.keys().next();
      if (!oldest.done) this.#known.delete(oldest.value);
    }
    this.#known.set(key, known);
  }
}
