"use client";

import { useQuery } from "@tanstack/react-query";
import { findConnectionKind } from "@/flow/connection-catalog";
import { useTRPC } from "../trpc/context";
import { Field } from "../ui/field";
import { Input } from "../ui/input";
import { Select } from "../ui/select";
import { useDesigner } from "./context";
import { FixButton } from "./fix-button";
import { type FlowSettings, refuseLetters } from "./flow-settings";

/** Where dead letters are also written, beside the database that keeps them. */
export function FlowLetters({
  settings,
  onChange,
}: {
  settings: FlowSettings;
  onChange(part: Partial<FlowSettings>): void;
}) {
  const trpc = useTRPC();
  const connections = useQuery(trpc.connections.list.queryOptions());
  const readOnly = useDesigner((state) => state.readOnly);
  const problems = useDesigner((state) => state.problems);
  const document = useDesigner((state) => state.document);
  const { lettersConnection: chosen, lettersTo } = settings;
  const fitting = (connections.data ?? []).filter(({ kind }) => findConnectionKind(kind)?.deadLettersTo);
  const options = fitting.map(({ name }) => ({ value: name, label: name }));
  if (chosen && !options.some(({ value }) => value === chosen)) options.push({ value: chosen, label: chosen });
  const kind = findConnectionKind(fitting.find(({ name }) => name === chosen)?.kind ?? "");
  const place = kind?.places.find(({ type }) => type === kind.deadLettersTo);
  const places = useQuery({ ...trpc.connections.places.queryOptions({ name: chosen }), enabled: chosen !== "" });
  const listed = (places.data?.places ?? []).filter(({ type }) => type === place?.type);
  // What is known of the drawing as it is: of what is typed now the check says something when it is applied.
  const saved = document.settings?.deadLetters;
  const isSaved = saved?.connection === chosen && saved.to === lettersTo;
  const problem = isSaved ? problems.find(({ field }) => field?.startsWith("settings.deadLetters.")) : undefined;
  return (
    <fieldset>
      <legend className="font-semibold">Dead letters</legend>
      <p className="mb-2 text-12 text-muted">
        They are kept here in any case, to look at and to send again. They can also be written to a broker, at least
        once; when that is away, they are written when it is back.
      </p>
      <div className="grid grid-cols-2 gap-3">
        <Field label="Also written to">
          {(control) => (
            <Select
              {...control}
              value={chosen}
              disabled={readOnly}
              onValueChange={(lettersConnection) => onChange({ lettersConnection })}
              options={[{ value: "", label: "Nowhere else" }, ...options]}
            />
          )}
        </Field>
        {chosen ? (
          <Field label={place?.title ?? "Place"} error={refuseLetters(settings) ?? undefined}>
            {(control) => (
              <>
                <Input
                  {...control}
                  mono
                  list="letter-places"
                  value={lettersTo}
                  autoComplete="off"
                  placeholder={place?.placeholder}
                  onChange={(event) => onChange({ lettersTo: event.target.value })}
                />
                <datalist id="letter-places">
                  {listed.map(({ name }) => (
                    <option key={name} value={name} />
                  ))}
                </datalist>
              </>
            )}
          </Field>
        ) : null}
      </div>
      {problem ? (
        <p className="mt-2 flex items-center gap-2 text-12 text-bad">
          <span className="min-w-0 flex-1 break-words">{problem.message}</span>
          <FixButton problem={problem} />
        </p>
      ) : null}
    </fieldset>
  );
}
