"use client";

import { checkExactlyOnce } from "@/flow/exactly-once";
import { InlineCode } from "../drawing/inline-code";
import { Callout } from "../ui/callout";
import { formatPlural } from "../ui/formats";
import { useDesigner } from "./context";
import type { FlowSettings } from "./flow-settings";

const choices: { value: FlowSettings["delivery"]; label: string; hint: string }[] = [
  {
    value: "at-least-once",
    label: "At least once",
    hint: "Nothing is lost. After a crash or a retry a message may be written twice.",
  },
  {
    value: "exactly-once",
    label: "Exactly once",
    hint: "From Kafka to Kafka on one cluster, where nothing else has effects. Each batch is a transaction, so it takes a little longer.",
  },
];

/** How often a message has its effect, with what stands in the way of more. */
export function DeliveryChoice({
  value,
  onChange,
}: {
  value: FlowSettings["delivery"];
  onChange(value: FlowSettings["delivery"]): void;
}) {
  return (
    <fieldset>
      <legend className="mb-1 font-semibold">Delivery</legend>
      {choices.map((choice) => (
        <label key={choice.value} className="flex cursor-pointer items-start gap-2 rounded-md px-1 py-1 hover:bg-hover">
          <input
            type="radio"
            name="delivery"
            className="mt-1 accent-(--accent)"
            checked={value === choice.value}
            onChange={() => onChange(choice.value)}
          />
          <span className="min-w-0 flex-1">
            {choice.label}
            <span className="block text-12 text-muted">{choice.hint}</span>
          </span>
        </label>
      ))}
      {value === "exactly-once" ? <Obstacles /> : null}
    </fieldset>
  );
}

function Obstacles() {
  const document = useDesigner((state) => state.document);
  const obstacles = checkExactlyOnce(document);
  if (obstacles.length === 0) return null;
  return (
    <Callout
      tone="bad"
      className="mt-1"
      code="exactly-once-broken"
      title={`${formatPlural(obstacles.length, "node keeps", "nodes keep")} the flow from it`}
    >
      <ul className="flex list-disc flex-col gap-1 pl-4">
        {obstacles.map(({ node, message }) => (
          <li key={node}>
            <InlineCode text={message} />
          </li>
        ))}
      </ul>
    </Callout>
  );
}
