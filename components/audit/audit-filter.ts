/** Which entries, as the address has them: days are the viewer's own. */
export interface AuditAddress {
  person?: string;
  action?: string;
  object?: string;
  from?: string;
  to?: string;
}

const fields = ["person", "action", "object", "from", "to"] as const;
const day = /^\d{4}-\d\d-\d\d$/;

/** The filter in an address. What is no day is left out. */
export function readAuditAddress(params: { get(name: string): string | null }): AuditAddress {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = params.get(field)?.trim();
      return value && (!(field === "from" || field === "to") || day.test(value)) ? [[field, value]] : [];
    }),
  );
}

/** The address of a filter; without a question mark. */
export function writeAuditAddress(filter: AuditAddress): string {
  return new URLSearchParams(
    fields.flatMap((field) => (filter[field] ? [[field, filter[field]] as [string, string]] : [])),
  ).toString();
}

/** What the server is asked: both days are whole. */
export function queryOfAudit({ person, action, object, from, to }: AuditAddress) {
  return {
    ...(person ? { actor: person } : {}),
    ...(action ? { action } : {}),
    ...(object ? { object } : {}),
    ...(from ? { after: new Date(`${from}T00:00:00`) } : {}),
    ...(to ? { until: nextDay(to) } : {}),
  };
}

function nextDay(text: string): Date {
  const date = new Date(`${text}T00:00:00`);
  date.setDate(date.getDate() + 1);
  return date;
}
