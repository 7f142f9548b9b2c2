import { MemoryReceivedKeys } from "../../flow/testing/received-keys";
import { describeReceivedKeys } from "./received-keys-conformance";

// The store that the tests of nodes use keeps the rules of the real one.
describeReceivedKeys("in memory", () => {
  const store = new MemoryReceivedKeys();
  return {
    worker: async (id) => store.worker(id),
    end: async (id) => {
      store.gone.add(id);
    },
    pass: async (durationMs) => {
      store.now += durationMs;
    },
  };
});
