import "server-only";
import type { Answers } from "@/flow/control";
import { allowed, router } from "../trpc";
import { refuseMaskedPayload } from "../use-cases/mask-letters";
import { maskSample } from "../use-cases/mask-seen";
import { describeWebhook, type SampleMessage, sampleMessage, sendMessage } from "../use-cases/messages";
import { ofNode, send } from "./inputs";

export const messagesRouter = router({
  sample: allowed("read", "message")
    .input(ofNode)
    .query(async ({ ctx, input }): Promise<SampleMessage> => {
      const [sample] = await maskSample(ctx, input.flow, [await sampleMessage(ctx.environment, input)]);
      return sample!;
    }),

  send: allowed("send", "message")
    .input(send)
    .mutation(async ({ ctx, input }): Promise<Answers["message-send"]> => {
      const { key, value, headers } = input.message;
      await refuseMaskedPayload(ctx, input.flow, [key, value, ...headers.map(([, header]) => header)]);
      return sendMessage(ctx, input);
    }),

  webhookAddress: allowed("read", "message")
    .input(ofNode)
    .query(
      ({ ctx, input }): Promise<{ url: string; curl: string }> => describeWebhook(ctx.environment, ctx.origin, input),
    ),
});
