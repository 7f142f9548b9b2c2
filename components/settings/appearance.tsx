"use client";

import clsx from "clsx";
import { Monitor, Moon, Sun } from "lucide-react";
import { chooseTheme, type Theme, useTheme } from "../ui/theme";
import { Section } from "./section";

const choices: { value: Theme; label: string; about: string; icon: typeof Sun }[] = [
  { value: "system", label: "As the system", about: "Follows this device", icon: Monitor },
  { value: "light", label: "Light", about: "Always light", icon: Sun },
  { value: "dark", label: "Dark", about: "Always dark", icon: Moon },
];

export function Appearance() {
  const theme = useTheme();
  return (
    <Section title="Appearance" about="Kept in this browser.">
      <div role="radiogroup" aria-label="Appearance" className="grid grid-cols-1 gap-3 sm:grid-cols-3">
        {choices.map(({ value, label, about, icon: Icon }) => (
          <label
            key={value}
            className={clsx(
              "flex cursor-pointer items-center gap-3 rounded-lg border bg-surface px-4 py-3 has-focus-visible:outline-2 has-focus-visible:outline-focus",
              theme === value ? "border-accent" : "border-line hover:bg-hover",
            )}
          >
            <input
              type="radio"
              name="theme"
              value={value}
              checked={theme === value}
              onChange={() => chooseTheme(value)}
              className="sr-only"
            />
            <Icon className={clsx("size-4", theme === value ? "text-accent" : "text-muted")} aria-hidden />
            <span>
              <span className={clsx("block font-medium", theme === value && "text-accent")}>{label}</span>
              <span className="block text-12 text-muted">{about}</span>
            </span>
          </label>
        ))}
      </div>
    </Section>
  );
}
