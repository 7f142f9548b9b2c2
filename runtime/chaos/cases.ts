import type { Case } from "./case";
import { backPressures } from "./cases/back-pressure";
import { deployWithoutGap } from "./cases/deploy-without-gap";
import { isolation } from "./cases/isolation";
import { postgresAway } from "./cases/postgres-away";
import { redisPersistence } from "./cases/redis-persistence";
import { sagas, sagasInRedis } from "./cases/sagas";
import { scaleOut } from "./cases/scale-out";

/** Every long test, by its name for `--only`. */
export const cases: readonly Case[] = [
  ...backPressures,
  deployWithoutGap,
  isolation,
  postgresAway,
  redisPersistence,
  sagas,
  sagasInRedis,
  scaleOut,
];
