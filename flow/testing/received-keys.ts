import type { KeyAnswer, KeyEntry, KeyRequest, KeyScope, ReceivedKeys, Reservation } from "../received-keys";

interface Row {
  readonly holder: string;
  /** The call of `reserve` that has its message in hand; null once that is safe. */
  readonly claim: { readonly worker: string } | null;
  readonly expiresAt: number;
}

/** Received keys in memory, for several workers, with a clock and a switch that the test sets. */
export class MemoryReceivedKeys {
  readonly rows = new Map<string, Row>();
  readonly gone = new Set<string>();
  /** Set to make the store unreachable. */
  away = false;
  now = Date.now();

  worker(id = "worker"): ReceivedKeys {
    return {
      reserve: async (scope, requests) => this.#reserve(id, scope, requests),
      confirm: async (scope, entries) => this.#confirm(scope, entries),
    };
  }

  #reserve(worker: string, scope: KeyScope, requests: readonly KeyRequest[]): Reservation {
    this.#ask();
    for (const request of requests) {
      const known = this.#find(scope, request);
      if (known && this.#isHeld(known, request)) return { waitsFor: known.holder };
    }
    const claim = { worker };
    const answers = requests.map((request): KeyAnswer => {
      const known = this.#find(scope, request);
      if (known?.claim === null && known.holder !== request.holder) return "duplicate";
      if (known?.claim === null) return request.resent ? "new" : "worked";
      const { holder } = request;
      this.rows.set(idOf(scope, request), { holder, claim, expiresAt: this.now + scope.ttlMs });
      return "new";
    });
    return {
      answers,
      release: async () => {
        this.#ask();
        for (const [id, row] of this.rows) if (row.claim === claim) this.rows.delete(id);
      },
    };
  }

  #confirm(scope: KeyScope, entries: readonly KeyEntry[]): void {
    this.#ask();
    for (const entry of entries) {
      const known = this.#find(scope, entry);
      if (known && known.holder !== entry.holder) continue;
      this.rows.set(idOf(scope, entry), { holder: entry.holder, claim: null, expiresAt: this.now + scope.ttlMs });
    }
  }

  #find(scope: KeyScope, entry: KeyEntry): Row | undefined {
    const row = this.rows.get(idOf(scope, entry));
    return row?.claim === null && row.expiresAt <= this.now ? undefined : row;
  }

  #isHeld(row: Row, request: KeyRequest): boolean {
    return row.claim !== null && row.holder !== request.holder && !this.gone.has(row.claim.worker);
  }

  #ask(): void {
    if (this.away) throw new Error("away");
  }
}

function idOf(scope: KeyScope, { key }: KeyEntry): string {
  return `${scope.name}\n${key}`;
}
