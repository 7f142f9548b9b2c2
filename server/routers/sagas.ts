import "server-only";
import { z } from "zod";
import type { SagaActed, SagaCounts, SagaSummary, SagaView } from "../saga-views";
import { allowed, router } from "../trpc";
import { actOnSagas, foreseeActs } from "../use-cases/act-on-sagas";
import { maskSaga, maskSagaList, maskSagas } from "../use-cases/mask-sagas";
import { getSaga } from "../use-cases/saga-view";
import { countSagas, listSagas, readSagas } from "../use-cases/sagas";
import { name, sagaAct, sagaChoice, sagaFilter } from "./inputs";

export const sagasRouter = router({
  list: allowed("read", "saga")
    .input(sagaFilter)
    .query(
      ({ ctx, input }): Promise<{ sagas: SagaSummary[]; more: boolean; unseen: string | null }> =>
        listSagas(ctx.environment, input).then((page) => maskSagaList(ctx, page, input)),
    ),

  counts: allowed("read", "saga")
    .input(z.object({ flow: name.optional() }))
    .query(({ ctx, input }): Promise<SagaCounts> => countSagas(ctx.environment, input.flow)),

  /** These, as they stand now: what left a list goes on being told. */
  these: allowed("read", "saga")
    .input(z.object({ ids: z.array(z.string().max(80)).max(100) }))
    .query(
      ({ ctx, input }): Promise<SagaSummary[]> =>
        readSagas(ctx.environment, input.ids).then((sagas) => maskSagas(ctx, sagas)),
    ),

  get: allowed("read", "saga")
    .input(z.object({ id: z.string().max(80) }))
    .query(({ ctx, input }): Promise<SagaView> => getSaga(ctx, input.id).then((saga) => maskSaga(ctx, saga))),

  /** What would become of an act on each of them. Changes nothing; a mutation for the length of its input alone. */
  foresee: allowed("decide", "saga")
    .input(sagaChoice)
    .mutation(({ ctx, input }): Promise<SagaActed[]> => foreseeActs(ctx, input)),

  /** Whoever may decide comes in; what an action and an approval ask for beyond that is looked at with the sagas. */
  act: allowed("decide", "saga")
    .input(sagaAct)
    .mutation(({ ctx, input }): Promise<SagaActed[]> => actOnSagas(ctx, input)),
});
