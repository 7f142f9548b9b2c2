import type { CommandInput } from "./command";
import { refuseUsage } from "./failure";

/** A text option, if given. */
export function textOption(input: CommandInput, name: string): string | undefined {
  const value = input.options[name];
  return typeof value === "string" ? value : undefined;
}

/** A whole number between bounds, if given. @throws CommandFailure */
export function numberOption(
  input: CommandInput,
  name: string,
  bounds: { min: number; max: number },
): number | undefined {
  const text = textOption(input, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= bounds.min && value <= bounds.max) return value;
  throw refuseUsage(`--${name} takes a whole number from ${bounds.min} to ${bounds.max}, not “${text}”.`);
}

/** `name=value` options, in order. @throws CommandFailure */
export function pairOption(input: CommandInput, name: string): [string, string][] {
  const values = input.options[name];
  const texts = Array.isArray(values) ? values : typeof values === "string" ? [values] : [];
  return texts.map((text) => {
    const at = text.indexOf("=");
    if (at < 1) throw refuseUsage(`--${name} takes NAME=VALUE, not “${text}”.`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
}
