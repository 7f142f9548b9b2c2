"use client";

import { type ComponentProps, cloneElement, type ReactElement, useState } from "react";
import type { Popover } from "../ui/popover";

type PopoverProps = ComponentProps<typeof Popover>;

/** A popover whose machinery is loaded with the first press: until then there is only its button. */
export function LazyPopover({ trigger, ...props }: PopoverProps & { trigger: ReactElement<ComponentProps<"button">> }) {
  const [loaded, setLoaded] = useState<{ Popover: typeof Popover } | null>(null);
  if (loaded) return <loaded.Popover trigger={trigger} {...props} />;
  return cloneElement(trigger, {
    "aria-haspopup": "dialog",
    "aria-expanded": false,
    onClick: () => {
      void import("../ui/popover").then((module) => {
        setLoaded({ Popover: module.Popover });
        props.onOpenChange?.(true);
      });
    },
  });
}
