import { CircleHelp } from "lucide-react";
import { describe, expect, it } from "vitest";
import { kinds } from "@/flow/catalog";
import { connectionKinds } from "@/flow/connection-catalog";
import { iconOf } from "./icons";

describe("icons", () => {
  it.each([...kinds, ...connectionKinds].map(({ kind, icon }) => [kind, icon]))("%s has its icon %s", (_kind, icon) =>
    expect(iconOf(icon)).not.toBe(CircleHelp),
  );
});
