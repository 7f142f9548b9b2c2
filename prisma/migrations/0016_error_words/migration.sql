-- Words of errors are looked for anywhere in them. Where the extension is not to be had, they are found without an index, by reading the runs that failed.
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  CREATE INDEX "Run_error_idx" ON "Run" USING gin ("error" gin_trgm_ops) WHERE "error" IS NOT NULL;
EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR undefined_file OR undefined_object THEN
  RAISE NOTICE 'pg_trgm is not available: words of errors are found without an index (%).', SQLERRM;
END $$;
