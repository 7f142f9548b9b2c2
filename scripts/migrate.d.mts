/** Brings the database up to date. Returns the names of the migrations that it applied. */
export function migrate(databaseUrl: string): Promise<string[]>;
