"use client";

import { Plus, X } from "lucide-react";
import { useRef } from "react";
import { Button, IconButton } from "../ui/button";
import { PortName } from "./cases-field";
import { useFormEnvironment } from "./environment";

/** A list of names, each of a port: the branches of a fork. */
export function NamesField({
  path,
  title,
  value,
  onChange,
}: {
  path: string;
  title: string;
  value: readonly string[];
  onChange(value: string[]): void;
}) {
  const { readOnly } = useFormEnvironment();
  const list = useRef<HTMLOListElement>(null);
  const one = title.replace(/(?<=ch|sh|x|s)es$|s$/, "");
  const freeName = () => {
    for (let number = value.length + 1; ; number++) {
      if (!value.includes(`branch-${number}`)) return `branch-${number}`;
    }
  };
  return (
    <div>
      <ol ref={list} className="flex flex-col gap-2">
        {value.map((name, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a name's place is its identity, it may be typed anew
          <li key={index} className="group grid grid-cols-[minmax(0,1fr)_auto] items-start gap-1.5">
            <PortName
              path={`${path}.${index}`}
              label={`${one} ${index + 1}`}
              value={name}
              onChange={(next) => onChange(value.map((each, position) => (position === index ? next : each)))}
            />
            {readOnly ? null : (
              <IconButton
                label="Remove"
                size="sm"
                side="left"
                className="mt-[3px] opacity-0 transition-opacity focus-visible:opacity-100 group-hover:opacity-100"
                onClick={() => onChange(value.filter((_, position) => position !== index))}
              >
                <X className="!size-3.5" />
              </IconButton>
            )}
          </li>
        ))}
      </ol>
      {readOnly ? null : (
        <Button
          size="sm"
          variant="ghost"
          className={value.length > 0 ? "mt-1.5" : ""}
          icon={<Plus />}
          onClick={() => {
            onChange([...value, freeName()]);
            // Who asks for a name goes on typing it.
            requestAnimationFrame(() =>
              list.current?.querySelector<HTMLInputElement>(":scope > li:last-child input")?.select(),
            );
          }}
        >
          Add
        </Button>
      )}
    </div>
  );
}
