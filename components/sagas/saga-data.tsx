import type { SagaView } from "@/server/saga-views";
import { CopyButton } from "../payload/code-block";
import { PayloadView } from "../payload/payload-view";

/** The saga's data, as a tree. */
export function SagaData({ saga: { state } }: { saga: SagaView }) {
  return (
    <>
      <h3 className="mb-1 flex items-center justify-between text-12 font-medium text-muted">
        The saga’s data, {state.phase === "ended" ? "at its end" : "as it is now"}
        <CopyButton text={state.body.text} label="Copy data" />
      </h3>
      <PayloadView payload={{ value: state.body.text, encoding: "text", truncated: state.body.cut }} />
    </>
  );
}
