import "server-only";
import type { Answers, PlainMessage } from "@/flow/control";
import { allowed, router } from "../trpc";
import { describeWebhook, sampleMessage, sendMessage } from "../use-cases/messages";
import { ofNode, send } from "./inputs";

export const messagesRouter = router({
  sample: allowed("read", "message")
    .input(ofNode)
    .query(({ ctx, input }): Promise<PlainMessage> => sampleMessage(ctx.environment, input)),

  send: allowed("send", "message")
    .input(send)
    .mutation(({ ctx, input }): Promise<Answers["message-send"]> => sendMessage(ctx, input)),

  webhookAddress: allowed("read", "message")
    .input(ofNode)
    .query(
      ({ ctx, input }): Promise<{ url: string; curl: string }> => describeWebhook(ctx.environment, ctx.origin, input),
    ),
});
