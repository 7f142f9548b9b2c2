/** The database's time as columns hold it: UTC without a zone, as Prisma writes it. Its clock is the one that counts. */
export const utcNow = `(now() AT TIME ZONE 'UTC')`;
