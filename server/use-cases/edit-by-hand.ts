import "server-only";
import { type LetterBytes, readForTarget } from "@/flow/letter-scope";
import type { Prisma, Redrive } from "@/prisma/generated/client";
import { readLetter } from "@/prisma/read-letter";
import { readBytes, showBytes } from "./bytes";

/** A dead letter as a person wrote it. */
export interface HandEdit {
  value: string | null;
  encoding: "text" | "base64";
  /** Absent: as it is. */
  key?: string | null | undefined;
  /** Absent: as they are. */
  headers?: [string, string][] | undefined;
}

/** Queues the one letter of a redrive as a person wrote it, which is kept beside it, never over it: what failed is the evidence. */
export async function queueEdited(
  tx: Prisma.TransactionClient,
  { id, ids, target }: Redrive,
  edit: HandEdit,
): Promise<void> {
  const waiting = { id: { in: ids }, state: "waiting" };
  const row = await tx.deadLetter.findFirst({
    where: waiting,
    omit: { value: true, sourceValue: true, editedValue: true },
  });
  const letter = row && readLetter({ ...row, value: null, sourceValue: null, editedValue: null });
  const { count } = await tx.deadLetter.updateMany({
    where: waiting,
    data: {
      ...{ state: "queued", target, redriveId: id, claimedBy: null, claimedAt: null, reason: null, editedFor: target },
      editedValue: readBytes(edit.value, edit.encoding),
      ...(letter ? writeKeyAndHeaders(readForTarget(letter, target === "source" ? "source" : "node"), edit) : {}),
    },
  });
  await tx.redrive.update({ where: { id }, data: { asked: count, chosen: true, state: "running" } });
}

/** What stands there as it was shown keeps its bytes, which may be no text. */
function writeKeyAndHeaders(before: Pick<LetterBytes, "key" | "headers">, { key, headers }: HandEdit) {
  const keeps = (bytes: Uint8Array | null, text: string | null) => showBytes(bytes).text === text;
  const editedKey = key === undefined || keeps(before.key, key) ? before.key : readBytes(key, "text");
  const written = headers?.map(([name, text]) => {
    const found = before.headers.find(([each, bytes]) => each === name && keeps(bytes, text));
    return [name, found?.[1] ?? Buffer.from(text)] as const;
  });
  const editedHeaders = (written ?? before.headers).map(([name, bytes]) => [
    name,
    Buffer.from(bytes).toString("base64"),
  ]);
  return { editedKey: editedKey && new Uint8Array(editedKey), editedHeaders };
}
