import { describe, expect, it } from "vitest";
import type { KeyScope, ReceivedKeys } from "../../flow/received-keys";

/** A store of received keys as the suite needs it. */
export interface Subject {
  /** What a living worker uses. */
  worker(id: string): Promise<ReceivedKeys>;
  /** The worker shows no sign of life any more. */
  end(id: string): Promise<void>;
  /** Time passes. */
  pass(durationMs: number): Promise<void>;
}

const ttlMs = 60_000;
const scope: KeyScope = { name: "default/orders/once", ttlMs, limit: 1_000_000 };

/** The rules that every store of received keys keeps. */
export function describeReceivedKeys(name: string, open: () => Subject): void {
  describe(`received keys, ${name}`, () => {
    let count = 0;
    async function start() {
      const subject = open();
      const [one, two] = [await subject.worker(`one-${++count}`), await subject.worker(`two-${count}`)];
      const own = { ...scope, name: `${scope.name}-${count}` };
      /** The answers, or the place that is waited for; `resent` for a dead letter that is sent again. */
      async function ask(store: ReceivedKeys, holder: string, keys: readonly string[], resent = false, at = own) {
        const reservation = await store.reserve(
          at,
          keys.map((key) => ({ key, holder, resent })),
        );
        return "waitsFor" in reservation ? reservation.waitsFor : reservation.answers;
      }
      const confirm = (store: ReceivedKeys, holder: string, ...keys: string[]) =>
        store.confirm(
          own,
          keys.map((key) => ({ key, holder })),
        );
      return { subject, one, two, own, ask, confirm, ids: [`one-${count}`, `two-${count}`] as const };
    }

    it("lets a message through again until it is confirmed, whoever brings it, and then no more", async () => {
      const { one, two, ask, confirm } = await start();
      expect(await ask(one, "p 1", ["a", "b"])).toEqual(["new", "new"]);
      expect(await ask(one, "p 1", ["a"])).toEqual(["new"]);
      expect(await ask(two, "p 1", ["a"])).toEqual(["new"]);
      await confirm(one, "p 1", "a");
      expect(await ask(two, "p 1", ["a", "b"])).toEqual(["worked", "new"]);
    });

    it("lets its own message through when a person sends it again, and no other", async () => {
      const { one, two, ask, confirm } = await start();
      await ask(one, "p 1", ["a"]);
      await confirm(one, "p 1", "a");
      expect(await ask(two, "p 1", ["a"], true)).toEqual(["new"]);
      expect(await ask(two, "p 2", ["a"], true)).toEqual(["duplicate"]);
      await confirm(two, "p 1", "a");
      expect(await ask(one, "p 2", ["a"])).toEqual(["duplicate"]);
    });

    it("makes another message wait until the first is confirmed", async () => {
      const { one, two, ask, confirm } = await start();
      await ask(one, "p 1", ["a"]);
      expect(await ask(two, "p 2", ["a"])).toBe("p 1");
      expect(await ask(one, "p 2", ["a"])).toBe("p 1");
      await confirm(one, "p 1", "a");
      expect(await ask(two, "p 2", ["a"])).toEqual(["duplicate"]);
    });

    it("reserves all or nothing", async () => {
      const { one, two, ask, confirm } = await start();
      await ask(one, "p 1", ["b"]);
      expect(await ask(two, "p 2", ["a", "b", "c"])).toBe("p 1");
      expect(await ask(one, "p 3", ["a", "c"])).toEqual(["new", "new"]);
      await confirm(one, "p 1", "b");
      await confirm(one, "p 3", "a");
      expect(await ask(two, "p 2", ["a", "b"])).toEqual(["duplicate", "duplicate"]);
      expect(await ask(two, "p 2", ["a", "c"])).toBe("p 3");
    });

    it("hands the key of a worker that is gone to the next, and does not let the old one confirm it", async () => {
      const { subject, one, two, ids, ask, confirm } = await start();
      await ask(one, "p 1", ["a"]);
      await subject.end(ids[0]);
      expect(await ask(two, "p 2", ["a"])).toEqual(["new"]);
      await confirm(one, "p 1", "a");
      expect(await ask(two, "p 3", ["a"])).toBe("p 2");
      await confirm(two, "p 2", "a");
      expect(await ask(two, "p 1", ["a"])).toEqual(["duplicate"]);
    });

    it("frees what is given up, but neither what is confirmed nor what was reserved again since", async () => {
      const { one, two, own, ask, confirm } = await start();
      const request = (key: string) => ({ key, holder: "p 1", resent: false });
      const first = await one.reserve(own, ["a", "b", "c"].map(request));
      await confirm(one, "p 1", "b");
      await ask(one, "p 1", ["c"]);
      if ("waitsFor" in first) throw new Error("Nobody else is here.");
      await first.release();
      expect(await ask(two, "p 2", ["a"])).toEqual(["new"]);
      expect(await ask(two, "p 2", ["b"])).toEqual(["duplicate"]);
      expect(await ask(two, "p 2", ["c"])).toBe("p 1");
    });

    it("forgets a key after its time, but never one whose message is on its way", async () => {
      const { subject, one, two, ask, confirm } = await start();
      await ask(one, "p 1", ["a", "b"]);
      await confirm(one, "p 1", "a");
      await subject.pass(ttlMs - 1_000);
      expect(await ask(two, "p 2", ["a"])).toEqual(["duplicate"]);
      await subject.pass(2_000);
      expect(await ask(two, "p 2", ["a"])).toEqual(["new"]);
      expect(await ask(two, "p 2", ["b"])).toBe("p 1");
      // One that was on its way for long is known for long, all the same.
      await confirm(one, "p 1", "b");
      await subject.pass(ttlMs / 2);
      expect(await ask(two, "p 2", ["b"])).toEqual(["duplicate"]);
    });

    it("knows what is confirmed even when it was given up before", async () => {
      const { one, two, ask, confirm } = await start();
      await confirm(one, "p 1", "a");
      expect(await ask(two, "p 2", ["a"])).toEqual(["duplicate"]);
    });

    it("keeps scopes apart", async () => {
      const { one, own, ask, confirm } = await start();
      await ask(one, "p 1", ["a"]);
      await confirm(one, "p 1", "a");
      expect(await ask(one, "p 2", ["a"], false, { ...own, name: `${own.name}-other` })).toEqual(["new"]);
    });
  });
}
