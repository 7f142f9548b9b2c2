import * as z from "zod";
import type { When } from "../fields";

/** Whether a sink writes the message's id; `where`: the header or property that has it. */
export function messageIdField(where: string) {
  return z
    .boolean()
    .default(false)
    .meta({
      title: "Message id",
      help: `Writes the ${where}: the same each time the same message is written.`,
      widget: "switch",
      advanced: true,
    });
}

/** The codec in which a sink writes; `when` it counts, where that is not always. */
export function sentCodecField(when?: When) {
  return z
    .enum(["as-it-came", "json", "text", "bytes"])
    .default("as-it-came")
    .meta({
      title: "Format",
      help: "How the body becomes bytes. As it came: an unchanged value is written byte for byte.",
      widget: "select",
      advanced: true,
      ...(when ? { when } : {}),
    });
}
