import "server-only";
import type { Answers } from "@/flow/control";
import { allowed, router } from "../trpc";
import { refuseMaskedPayload } from "../use-cases/mask-letters";
import { maskSample } from "../use-cases/mask-seen";
import { describeWebhook, type SampleMessage, sampleMessage, sendMessage, sendMessages } from "../use-cases/messages";
import type { SentMessages } from "../views";
import { ofNode, send, sendAll } from "./inputs";

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

  /** Several, one after another, as one deed. */
  sendAll: allowed("send", "message")
    .input(sendAll)
    .mutation(async ({ ctx, input }): Promise<SentMessages> => {
      const texts = input.messages.flatMap(({ key, value, headers }) => [
        key,
        value,
        ...headers.map(([, text]) => text),
      ]);
      await refuseMaskedPayload(ctx, input.flow, texts);
      return sendMessages(ctx, input);
    }),

  webhookAddress: allowed("read", "message")
    .input(ofNode)
    .query(
      ({ ctx, input }): Promise<{ url: string; curl: string }> => describeWebhook(ctx.environment, ctx.origin, input),
    ),
});
