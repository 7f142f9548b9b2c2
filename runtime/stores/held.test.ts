import { MemoryHeldStore } from "../../flow/testing/held-store";
import { describeHeldStore } from "./held-conformance";

// The store that tests of the machine and of the engine use keeps the rules of the real ones.
const store = new MemoryHeldStore();
describeHeldStore("in memory", { open: () => store });
