import type { KeyAnswer, KeyRequest, KeyScope, ReceivedKeys, Reservation } from "../../flow/received-keys";

/** What receivers know in a trial: nothing at first, then the keys of its own messages. */
export class FreshKeys implements ReceivedKeys {
  readonly #holders = new Map<string, string>();

  clear(): void {
    this.#holders.clear();
  }

  async reserve(scope: KeyScope, requests: readonly KeyRequest[]): Promise<Reservation> {
    const answers = requests.map(({ key, holder }): KeyAnswer => {
      const name = `${scope.name}\n${key}`;
      const other = this.#holders.get(name);
      this.#holders.set(name, other ?? holder);
      return other === undefined || other === holder ? "new" : "duplicate";
    });
    return { answers, release: async () => {} };
  }

  async confirm(): Promise<void> {}
}
