import "server-only";
import { z } from "zod";
import { type Answers, connectionRefSchema, placeTypeSchema } from "@/flow/control";
import { recordAudit } from "../audit";
import { database } from "../database";
import { allowed, router } from "../trpc";
import { listConnections, removeConnection, saveConnection } from "../use-cases/connections";
import { maskSeen } from "../use-cases/mask-seen";
import type { ConnectionView } from "../views";
import { askWorkerOrRefuse } from "../worker-client";
import { connectionInput, name } from "./inputs";

const place = z.string().min(1).max(250);

export const connectionsRouter = router({
  list: allowed("read", "connection").query(({ ctx }): Promise<ConnectionView[]> => listConnections(ctx.environment)),

  save: allowed("save", "connection")
    .input(connectionInput)
    .mutation(({ ctx, input }): Promise<{ created: boolean }> => saveConnection(ctx, input)),

  remove: allowed("remove", "connection")
    .input(z.object({ name }))
    .mutation(({ ctx, input }): Promise<void> => removeConnection(ctx, input.name)),

  /** Reaches the other end, with what is saved or what stands in a form. */
  test: allowed("test", "connection")
    .input(z.object({ ref: connectionRefSchema }))
    .mutation(
      ({ ctx, input }): Promise<Answers["connection-test"]> =>
        askWorkerOrRefuse(ctx.environment, "connection-test", { connection: input.ref }),
    ),

  /** What messages rest in there: topics, queues, streams. */
  places: allowed("browse", "connection")
    .input(z.object({ name, prefix: z.string().max(250).optional() }))
    .query(
      ({ ctx, input }): Promise<Answers["connection-places"]> =>
        askWorkerOrRefuse(ctx.environment, "connection-places", {
          connection: { name: input.name },
          prefix: input.prefix ?? "",
        }),
    ),

  newest: allowed("browse", "connection")
    .input(z.object({ name, place, limit: z.int().min(1).max(100).optional() }))
    .query(async ({ ctx, input }): Promise<Answers["messages-newest"]> => {
      const answer = await askWorkerOrRefuse(ctx.environment, "messages-newest", {
        connection: { name: input.name },
        place: input.place,
        limit: input.limit ?? 10,
      });
      const at = { connection: input.name, place: input.place };
      return { ...answer, messages: await maskSeen(ctx, at, answer.messages) };
    }),

  createPlace: allowed("create", "place")
    .input(z.object({ name, type: placeTypeSchema, place, options: z.record(z.string(), z.unknown()).optional() }))
    .mutation(async ({ ctx, input }): Promise<Answers["place-create"]> => {
      const { name: connection, type, place: made, options = {} } = input;
      const answer = await askWorkerOrRefuse(ctx.environment, "place-create", {
        connection: { name: connection },
        type,
        name: made,
        options,
      });
      const { partitions } = answer.place;
      const detail = { [type]: made, ...(partitions === undefined ? {} : { partitions }), created: answer.created };
      await recordAudit(database().prisma, ctx, `${type}.create`, connection, detail);
      return answer;
    }),
});
