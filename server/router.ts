import "server-only";
import { auditRouter } from "./routers/audit";
import { connectionsRouter } from "./routers/connections";
import { deadLettersRouter } from "./routers/dead-letters";
import { deploymentsRouter } from "./routers/deployments";
import { flowsRouter } from "./routers/flows";
import { healthRouter } from "./routers/health";
import { liveRouter } from "./routers/live";
import { messagesRouter } from "./routers/messages";
import { parkedRouter } from "./routers/parked";
import { recordingsRouter } from "./routers/recordings";
import { redrivesRouter } from "./routers/redrives";
import { runsRouter } from "./routers/runs";
import { sagasRouter } from "./routers/sagas";
import { savedViewsRouter } from "./routers/saved-views";
import { sessionRouter } from "./routers/session";
import { settingsRouter } from "./routers/settings";
import { trialsRouter } from "./routers/trials";
import { versionsRouter } from "./routers/versions";
import { createCaller, router } from "./trpc";

export const appRouter = router({
  session: sessionRouter,
  flows: flowsRouter,
  versions: versionsRouter,
  deployments: deploymentsRouter,
  connections: connectionsRouter,
  runs: runsRouter,
  recordings: recordingsRouter,
  savedViews: savedViewsRouter,
  deadLetters: deadLettersRouter,
  parked: parkedRouter,
  redrives: redrivesRouter,
  sagas: sagasRouter,
  messages: messagesRouter,
  trials: trialsRouter,
  settings: settingsRouter,
  audit: auditRouter,
  health: healthRouter,
  live: liveRouter,
});

/** The type that pages and the command line are made against. */
export type AppRouter = typeof appRouter;

/** Calls procedures without HTTP: server components and tests. */
export const createAppCaller = createCaller(appRouter);
