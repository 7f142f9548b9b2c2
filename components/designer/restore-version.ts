import type { useTRPCClient } from "../trpc/context";
import { notifyDone, notifyError } from "../ui/toast";
import type { DesignerStore } from "./store";

/** Makes a version the draft, as one step: undo brings back what was drawn. */
export async function restoreVersion(
  store: DesignerStore,
  client: ReturnType<typeof useTRPCClient>,
  flow: string,
  number: number,
): Promise<void> {
  try {
    const { document } = await client.versions.get.query({ flow, number });
    const { apply, document: drawn } = store.getState();
    // A flow that was renamed keeps its name of today.
    apply({ ...document, name: drawn.name });
    notifyDone(`The draft is v${number} again`, {
      description: "What runs stays as it is until you deploy. Undo brings back what was drawn.",
    });
  } catch (error) {
    notifyError(`v${number} could not be restored`, error);
  }
}
