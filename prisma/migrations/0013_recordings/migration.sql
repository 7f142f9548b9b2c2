-- CreateTable
CREATE TABLE "Recording" (
    "id" TEXT NOT NULL,
    "project" TEXT NOT NULL DEFAULT 'default',
    "environment" TEXT NOT NULL DEFAULT 'default',
    "flowId" TEXT NOT NULL,
    "condition" TEXT NOT NULL,
    "by" TEXT NOT NULL DEFAULT '',
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "endsAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Recording_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Recording_environment_endsAt_idx" ON "Recording"("environment", "endsAt");

-- AddForeignKey
ALTER TABLE "Recording" ADD CONSTRAINT "Recording_flowId_fkey" FOREIGN KEY ("flowId") REFERENCES "Flow"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Drops the partitions of the oldest days until all together are within the size; today's stay. Returns how many it dropped.
CREATE FUNCTION millrace_shrink_partitions(max_bytes BIGINT) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
  old RECORD;
  partition TEXT;
  total NUMERIC;
  dropped INTEGER := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('millrace_partitions'));
  SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0) INTO total
  FROM pg_inherits WHERE inhparent IN ('"Run"'::regclass, '"RunValue"'::regclass);
  FOR old IN
    SELECT right(child.relname, 8) AS day, array_agg(child.relname::text) AS names,
      sum(pg_total_relation_size(child.oid)) AS bytes
    FROM pg_inherits
    JOIN pg_class child ON child.oid = pg_inherits.inhrelid
    WHERE pg_inherits.inhparent IN ('"Run"'::regclass, '"RunValue"'::regclass)
      AND child.relname ~ '_[0-9]{8}$'
      AND to_date(right(child.relname, 8), 'YYYYMMDD') < (now() AT TIME ZONE 'UTC')::date
    GROUP BY 1 ORDER BY 1
  LOOP
    EXIT WHEN total <= max_bytes;
    FOREACH partition IN ARRAY old.names LOOP
      EXECUTE format('DROP TABLE %I', partition);
      dropped := dropped + 1;
    END LOOP;
    total := total - old.bytes;
  END LOOP;
  RETURN dropped;
END $$;
