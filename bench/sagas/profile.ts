import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { groupProfile, profileFlags, readProfile } from "../profile";
import type { Circumstances, ProfileResult } from "../results";
import { measureRate, type Rate } from "./measure";
import { millrace } from "./millrace";
import type { ShopServices } from "./services";
import type { SideOptions } from "./side";

export interface ProfileOptions extends SideOptions {
  readonly shop: ShopServices;
  readonly warmSeconds: number;
  readonly seconds: number;
  readonly circumstances: Circumstances;
}

/** Where a worker spends its time for a saga, alone, after a while to warm up. */
export async function profileSagas(options: ProfileOptions): Promise<ProfileResult & Pick<Rate, "processorMs">> {
  const { shop, warmSeconds, seconds, circumstances } = options;
  const into = mkdtempSync(join(tmpdir(), "millrace-profile-"));
  const open = await millrace.open({
    ...options,
    worker: { ...options.worker, flags: [...options.worker.flags, ...profileFlags(into)] },
  });
  try {
    await measureRate(open, shop, `warm-${process.pid}`, warmSeconds);
    const rate = await measureRate(open, shop, `profile-${process.pid}`, seconds);
    await open.close();
    const sagas = (rate.perSecond * (rate.toUs - rate.fromUs)) / 1e6;
    const groups = groupProfile(readProfile(into), rate.fromUs, rate.toUs, sagas);
    return { circumstances, perSecond: rate.perSecond, groups, processorMs: rate.processorMs };
  } finally {
    await open.close();
  }
}
