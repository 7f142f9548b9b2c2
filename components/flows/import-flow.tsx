"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Upload } from "lucide-react";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import type { FlowDocument } from "@/flow/document";
import { useTRPC } from "../trpc/context";
import { Button } from "../ui/button";
import { Callout } from "../ui/callout";
import { Dialog } from "../ui/dialog";
import { wordsOfError } from "../ui/error-words";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { notifyError } from "../ui/toast";
import { readFlowFile } from "./flow-file";

/** Chooses a flow file and makes a flow of it. Asks for another name when there is one already. */
export function ImportFlow({ taken }: { taken: readonly string[] }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const input = useRef<HTMLInputElement>(null);
  const [document, setDocument] = useState<FlowDocument | null>(null);
  const [name, setName] = useState("");
  const create = useMutation(
    trpc.flows.create.mutationOptions({
      onSuccess: async (made) => {
        await queries.invalidateQueries({ queryKey: trpc.flows.list.queryKey() });
        router.push(`/flows/${made.name}`);
      },
    }),
  );

  async function choose(file: File | undefined) {
    if (!file) return;
    try {
      const read = await readFlowFile(file);
      create.reset();
      setName(freeName(String(read.name ?? ""), taken));
      setDocument(read);
    } catch (cause) {
      notifyError("The file cannot be read", cause);
    }
  }

  const clash = taken.includes(name);
  const refused = create.error ? wordsOfError(create.error) : null;
  return (
    <>
      <Button icon={<Upload />} onClick={() => input.current?.click()}>
        Import
      </Button>
      <input
        ref={input}
        type="file"
        accept=".json,application/json"
        aria-label="Flow file"
        className="hidden"
        onChange={(event) => {
          void choose(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
      {document ? (
        <Dialog
          open
          onOpenChange={(open) => !open && setDocument(null)}
          title={`Import ${document.title ?? document.name}`}
          description={`${document.nodes.length} nodes. It becomes a draft; nothing runs before you deploy it.`}
          width="sm"
          footer={
            <>
              <Button onClick={() => setDocument(null)}>Cancel</Button>
              <Button
                variant="primary"
                busy={create.isPending || create.isSuccess}
                disabled={!name || clash}
                onClick={() => create.mutate({ title: document.title ?? name, name, document: { ...document, name } })}
              >
                Import flow
              </Button>
            </>
          }
        >
          <Field
            label="Name"
            error={clash ? "There is a flow of that name already." : null}
            hint="Stands in addresses, files and the command line."
          >
            {(field) => <Input {...field} mono value={name} onChange={(event) => setName(event.target.value)} />}
          </Field>
          {refused ? (
            <Callout tone="bad" code={refused.code} className="mt-3">
              {refused.message}
            </Callout>
          ) : null}
        </Dialog>
      ) : null}
    </>
  );
}

function freeName(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  for (let number = 2; ; number++) if (!taken.includes(`${name}-${number}`)) return `${name}-${number}`;
}
