import type { Case } from "./case";
import { backPressure } from "./cases/back-pressure";
import { deployWithoutGap } from "./cases/deploy-without-gap";
import { isolation } from "./cases/isolation";
import { postgresAway } from "./cases/postgres-away";
import { sagas, sagasInRedis } from "./cases/sagas";
import { scaleOut } from "./cases/scale-out";

/** Every long test, by its name for `--only`. */
export const cases: readonly Case[] = [
  backPressure,
  deployWithoutGap,
  isolation,
  postgresAway,
  sagas,
  sagasInRedis,
  scaleOut,
];
