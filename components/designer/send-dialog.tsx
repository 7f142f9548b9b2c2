"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { Copy } from "lucide-react";
import Link from "next/link";
import { useEffect, useState } from "react";
import type { PlainMessage } from "@/flow/control";
import type { FlowNode } from "@/flow/document";
import { titleOfNode } from "../drawing/kinds";
import { HeadersField } from "../form/headers-field";
import { prettyJson } from "../form/newest-messages";
import { isJson, notJsonWarning } from "../payload/is-json";
import { useTRPC } from "../trpc/context";
import { useLive, useLiveFlow } from "../trpc/use-live";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Dialog } from "../ui/dialog";
import { wordsOfError } from "../ui/error-words";
import { Field } from "../ui/field";
import { Input, Textarea } from "../ui/input";
import { notifyDone } from "../ui/toast";
import { useDesigner } from "./context";
import { nodeOf } from "./edit";
import { closeSendDialog, sendState } from "./send-state";

/** Sends a message into a source: a sample to begin with, edited as one likes. */
export function SendDialog() {
  const node = sendState((state) => state.node);
  const exists = useDesigner((state) => node !== null && nodeOf(state.document, node) !== undefined);
  return node !== null && exists ? <Send key={node} id={node} /> : null;
}

function Send({ id }: { id: string }) {
  const trpc = useTRPC();
  const flow = useDesigner((state) => state.document.name);
  const node = useDesigner((state) => nodeOf(state.document, id))!;
  const live = useLiveFlow(flow);
  // Before the first event nothing is known of any flow.
  const known = useLive(({ workers }) => workers !== null);
  const nobody = known && live?.desired !== "running";
  const isWebhook = node.kind === "webhook-source";
  const sample = useQuery({
    ...trpc.messages.sample.queryOptions({ flow, node: id }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  const address = useQuery({
    ...trpc.messages.webhookAddress.queryOptions({ flow, node: id }),
    enabled: isWebhook,
    retry: false,
  });
  const [draft, setDraft] = useState<PlainMessage | null>(null);
  const send = useMutation(trpc.messages.send.mutationOptions());
  useEffect(() => {
    // A sample of a real message carries its trace; what is sent by hand begins one of its own.
    const made = sample.data;
    if (!made) return;
    const headers = made.headers.filter(([name]) => name !== "traceparent");
    const value = made.value === null ? null : prettyJson(made.value);
    // What was typed before it came stays.
    setDraft((before) => before ?? { ...made, headers, value });
  }, [sample.data]);
  const message = draft ?? { key: null, headers: [], value: "{}", encoding: "text" as const };
  const set = (change: Partial<PlainMessage>) => setDraft({ ...message, ...change });
  const asJson = (node.config.codec ?? "json") === "json" && message.encoding === "text";
  const broken = asJson && message.value !== null && !isJson(message.value);
  const curl = address.data ? curlOf(address.data.url, String(node.config.method ?? "POST"), message) : null;

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && closeSendDialog()}
      title={`Send a message to ${titleOfNode(node)}`}
      description={
        isWebhook
          ? "As if it had come over HTTP. The flow must run."
          : `Written to ${wordsOfPlace(node)} like any other: whoever reads there gets it.`
      }
      footer={
        <>
          {curl ? (
            <Button
              icon={<Copy />}
              onClick={() => {
                void navigator.clipboard.writeText(curl);
                notifyDone("Copied as curl");
              }}
            >
              Copy as curl
            </Button>
          ) : null}
          <Button onClick={closeSendDialog}>Close</Button>
          <Button
            variant="primary"
            busy={send.isPending}
            disabled={sample.isPending}
            onClick={() => send.mutate({ flow, node: id, message })}
          >
            Send
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {nobody ? (
          <Callout
            tone="warn"
            title={live ? "The flow is stopped: it does not read" : "The flow was never deployed: it does not read"}
          >
            {isWebhook
              ? "A webhook is answered by a flow that runs. Start it first."
              : `The message waits on its broker until the flow is ${live ? "started" : "deployed"}.`}
          </Callout>
        ) : null}
        {sample.error ? (
          <Callout tone="warn" title="No sample could be made" code={wordsOfError(sample.error).code}>
            {wordsOfError(sample.error).message}
          </Callout>
        ) : null}
        {isWebhook ? (
          address.data ? (
            <p className="break-all rounded-md bg-sunken px-3 py-2 font-mono text-12">{address.data.url}</p>
          ) : null
        ) : (
          <Field label="Key" aside="optional">
            {(control) => (
              <Input
                {...control}
                mono
                value={message.key ?? ""}
                placeholder="no key"
                onChange={(event) => set({ key: event.target.value === "" ? null : event.target.value })}
              />
            )}
          </Field>
        )}
        <Field
          label="Body"
          hint={broken ? notJsonWarning : message.encoding === "base64" ? "Bytes, as base64." : undefined}
        >
          {(control) => (
            <Textarea
              {...control}
              mono
              spellCheck={false}
              className="min-h-44"
              disabled={message.value === null}
              value={message.value ?? ""}
              placeholder={message.value === null ? "no value (tombstone)" : undefined}
              onChange={(event) => set({ value: event.target.value })}
            />
          )}
        </Field>
        <HeadersField headers={message.headers} onChange={(headers) => set({ headers })} />
        {send.data ? (
          <Callout tone="ok" title="Sent">
            It is at <span className="font-mono">{`${send.data.lane} @ ${send.data.position}`}</span>.{" "}
            {nobody ? "It waits there: the flow does not read. " : ""}
            <Link
              href={`/flows/${encodeURIComponent(flow)}/runs`}
              className="text-accent hover:underline"
              onClick={closeSendDialog}
            >
              Open the runs
            </Link>
          </Callout>
        ) : null}
        {send.error ? (
          <Callout tone="bad" title="It was not sent" code={wordsOfError(send.error).code}>
            {wordsOfError(send.error).message}
          </Callout>
        ) : null}
      </div>
    </Dialog>
  );
}

/** The same message for a shell. */
export function curlOf(url: string, method: string, message: PlainMessage): string {
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const headers = message.headers.some(([name]) => name.toLowerCase() === "content-type")
    ? message.headers
    : ([["content-type", "application/json"], ...message.headers] as [string, string][]);
  return [
    `curl -X ${method} ${quote(url)}`,
    ...headers.filter(([name]) => name !== "").map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(message.value === null ? [] : [`--data-binary ${quote(message.value)}`]),
  ].join(" \\\n  ");
}

/** `“orders” of the connection kafka`. */
function wordsOfPlace({ config }: FlowNode): string {
  const place = config.topic ?? config.queue ?? config.stream;
  const connection = typeof config.connection === "string" ? `the connection ${config.connection}` : "the broker";
  return typeof place === "string" && place !== "" ? `“${place}” of ${connection}` : connection;
}
