import type { KeyAnswer, ReceivedKeys } from "../../flow/received-keys";

/** What receivers know in a trial: nothing at first, then the keys of its own messages. */
export function makeFreshKeys(): ReceivedKeys {
  const known = new Map<string, string>();
  return {
    reserve: async (scope, requests) => {
      const answers = requests.map(({ key, holder }): KeyAnswer => {
        const name = `${scope.name}\n${key}`;
        const other = known.get(name);
        known.set(name, other ?? holder);
        return other === undefined || other === holder ? "new" : "duplicate";
      });
      return { answers, release: async () => {} };
    },
    confirm: async () => {},
  };
}
