import type { Role } from "@/server/views";
import type { SelectOption } from "../ui/select";

/** What each role may do; each may what the ones before it may. */
export const roleOptions: readonly (SelectOption<Role> & { label: string })[] = [
  { value: "viewer", label: "Viewer", hint: "Sees all that no flow masks, changes nothing" },
  { value: "editor", label: "Editor", hint: "Draws flows and tries them" },
  { value: "operator", label: "Operator", hint: "Deploys, stops, sends again, connects" },
  { value: "admin", label: "Administrator", hint: "Everything, and people" },
];

export function labelOfRole(role: Role): string {
  return roleOptions.find((option) => option.value === role)?.label ?? role;
}

/** What the role may do: its own, and what the smaller ones may. */
export function hintOfRole(role: Role): string {
  const at = roleOptions.findIndex((option) => option.value === role);
  const smaller = roleOptions.slice(1, Math.max(at, 1)).map(({ label }) => label);
  const { hint = "" } = roleOptions[at] ?? {};
  return smaller.length === 0 ? `${hint}.` : `${hint}; and what ${smaller.join(" and ")} may.`;
}
