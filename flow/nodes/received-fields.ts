import * as z from "zod";

/** The codec in which a source reads. */
export function receivedCodecField(help: string, isAdvanced = false) {
  return z
    .enum(["json", "text", "bytes"])
    .default("json")
    .meta({ title: "Format", help, widget: "select", ...(isAdvanced ? { advanced: true } : {}) });
}

/** The codec of a source whose messages are bytes: those of `what`. */
export function bytesCodecField(what: string) {
  return receivedCodecField(
    `How ${what} bytes become a body. What does not fit goes to the dead letters with its bytes.`,
  );
}

/** Where a source without a place begins. */
export function startField(message = "message") {
  return z
    .enum(["earliest", "latest"])
    .default("earliest")
    .meta({
      title: "Begin at",
      help: `Where the first deploy begins: at the oldest ${message} kept, or with those to come.`,
      widget: "select",
    });
}

/** What becomes of a source whose place is gone; `why` begins a sentence. */
export function gapField(why: string, messages = "messages") {
  return z
    .enum(["halt", "earliest", "latest"])
    .default("halt")
    .meta({
      title: `When ${messages} are gone`,
      help: `${why}: wait for a person, go on with the oldest, or with the newest.`,
      widget: "select",
      advanced: true,
    });
}

/** What passing over such messages loses, where a source may: `removed` completes "Messages that …". */
export function riskOfGap(onGap: "halt" | "earliest" | "latest", removed: string, messages = "messages") {
  if (onGap === "halt") return {};
  const text = `${messages.charAt(0).toUpperCase()}${messages.slice(1)} that ${removed} before they were read are passed over.`;
  return { risk: { text, mend: `Let it wait for a person when ${messages} are gone.` } };
}

/** The name under which the broker knows a source: `title` says what it is there. */
export function groupField(title = "Consumer group", help = "", name = z.string()) {
  return name.optional().meta({
    title,
    help: `${help}Empty: one that belongs to this node, fixed at the first deploy.`,
    placeholder: "millrace.default.flow.node",
    widget: "text",
    namesGroup: true,
    advanced: true,
  });
}
