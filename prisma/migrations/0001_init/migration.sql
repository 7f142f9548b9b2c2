-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "user" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "emailVerified" BOOLEAN NOT NULL DEFAULT false,
    "image" TEXT,
    "role" TEXT NOT NULL DEFAULT 'viewer',
    "project" TEXT NOT NULL DEFAULT 'default',
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" TEXT NOT NULL,
    "expiresAt" TIMESTAMP(3) NOT NULL,
    "token" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    "ipAddress" TEXT,
    "userAgent" TEXT,
    "userId" TEXT NOT NULL,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account" (
    "id" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "providerId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "accessToken" TEXT,
    "refreshToken" TEXT,
    "idToken" TEXT,
    "accessTokenExpiresAt" TIMESTAMP(3),
    "refreshTokenExpiresAt" TIMESTAMP(3),
    "scope" TEXT,
    "password" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verification" (
    "id" TEXT NOT NULL,
    "identifier" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "expiresAt" TIMESTAMP(3) NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "verification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ApiToken" (
    "id" TEXT NOT NULL,
    "project" TEXT NOT NULL DEFAULT 'default',
    "environment" TEXT NOT NULL DEFAULT 'default',
    "name" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastUsedAt" TIMESTAMP(3),
    "expiresAt" TIMESTAMP(3),

    CONSTRAINT "ApiToken_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Connection" (
    "id" TEXT NOT NULL,
    "project" TEXT NOT NULL DEFAULT 'default',
    "environment" TEXT NOT NULL DEFAULT 'default',
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "config" JSONB NOT NULL,
    "secrets" BYTEA,
    "secretsSet" TEXT[],
    "keyId" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Connection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Flow" (
    "id" TEXT NOT NULL,
    "project" TEXT NOT NULL DEFAULT 'default',
    "environment" TEXT NOT NULL DEFAULT 'default',
    "name" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "draft" JSONB NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "example" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    "updatedBy" TEXT,

    CONSTRAINT "Flow_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "FlowVersion" (
    "id" TEXT NOT NULL,
    "flowId" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "document" JSONB NOT NULL,
    "hash" TEXT NOT NULL,
    "message" TEXT NOT NULL DEFAULT '',
    "authorId" TEXT,
    "author" TEXT NOT NULL DEFAULT '',
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "FlowVersion_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Deployment" (
    "id" TEXT NOT NULL,
    "project" TEXT NOT NULL DEFAULT 'default',
    "environment" TEXT NOT NULL DEFAULT 'default',
    "flowId" TEXT NOT NULL,
    "groupName" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "previous" INTEGER,
    "desired" TEXT NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "start" JSONB NOT NULL,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    "updatedBy" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "Deployment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "DeploymentEvent" (
    "id" TEXT NOT NULL,
    "deploymentId" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "revision" INTEGER NOT NULL,
    "message" TEXT NOT NULL DEFAULT '',
    "by" TEXT NOT NULL DEFAULT '',
    "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "DeploymentEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Worker" (
    "id" TEXT NOT NULL,
    "project" TEXT NOT NULL DEFAULT 'default',
    "environment" TEXT NOT NULL DEFAULT 'default',
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "version" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "startedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "heartbeatAt" TIMESTAMP(3) NOT NULL,
    "health" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "Worker_pkey" PRIMARY KEY ("id")
);

-- CreateTable. Unlogged: rewritten every second, worthless after a crash.
CREATE UNLOGGED TABLE "LiveCount" (
    "workerId" TEXT NOT NULL,
    "deploymentId" TEXT NOT NULL,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    "live" JSONB NOT NULL,

    CONSTRAINT "LiveCount_pkey" PRIMARY KEY ("workerId","deploymentId")
);

-- CreateTable
CREATE TABLE "Lease" (
    "environment" TEXT NOT NULL,
    "flowId" TEXT NOT NULL,
    "node" TEXT NOT NULL,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "holder" TEXT,
    "epoch" BIGINT NOT NULL DEFAULT 0,
    "expiresAt" TIMESTAMP(3) NOT NULL,
    "counter" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "Lease_pkey" PRIMARY KEY ("environment","flowId","node")
);

-- CreateTable
CREATE TABLE "Run" (
    "id" UUID NOT NULL,
    "startedAt" TIMESTAMP(3) NOT NULL,
    "project" TEXT NOT NULL DEFAULT 'default',
    "environment" TEXT NOT NULL DEFAULT 'default',
    "flowId" TEXT NOT NULL,
    "flow" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "workerId" TEXT NOT NULL,
    "traceId" TEXT NOT NULL,
    "parentSpan" TEXT,
    "spanId" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "lane" TEXT NOT NULL,
    "position" TEXT NOT NULL,
    "key" TEXT,
    "state" TEXT NOT NULL,
    "durationMs" DOUBLE PRECISION NOT NULL,
    "attempts" INTEGER NOT NULL,
    "errorNode" TEXT,
    "errorCode" TEXT,
    "error" TEXT,
    "detail" BYTEA NOT NULL,

    CONSTRAINT "Run_pkey" PRIMARY KEY ("startedAt","id")
) PARTITION BY RANGE ("startedAt");

-- CreateTable
CREATE TABLE "RunValue" (
    "startedAt" TIMESTAMP(3) NOT NULL,
    "runId" UUID NOT NULL,
    "flowId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "RunValue_pkey" PRIMARY KEY ("startedAt","runId","name","value")
) PARTITION BY RANGE ("startedAt");

-- CreateTable
CREATE TABLE "DeadLetter" (
    "id" TEXT NOT NULL,
    "project" TEXT NOT NULL DEFAULT 'default',
    "environment" TEXT NOT NULL DEFAULT 'default',
    "flowId" TEXT NOT NULL,
    "flow" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "node" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "lane" TEXT NOT NULL,
    "position" TEXT NOT NULL,
    "part" TEXT NOT NULL DEFAULT '0',
    "causeCode" TEXT NOT NULL,
    "causeMessage" TEXT NOT NULL,
    "causeDetail" TEXT,
    "fingerprint" TEXT NOT NULL,
    "key" BYTEA,
    "value" BYTEA,
    "headers" JSONB NOT NULL,
    "codec" TEXT NOT NULL,
    "timestamp" TIMESTAMP(3) NOT NULL,
    "sourceKey" BYTEA,
    "sourceValue" BYTEA,
    "sourceHeaders" JSONB,
    "attempts" INTEGER NOT NULL,
    "runId" TEXT,
    "traceId" TEXT,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "target" TEXT,
    "sends" INTEGER NOT NULL DEFAULT 0,
    "claimedBy" TEXT,
    "claimedAt" TIMESTAMP(3),
    "reason" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "DeadLetter_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AuditEntry" (
    "id" TEXT NOT NULL,
    "project" TEXT NOT NULL DEFAULT 'default',
    "environment" TEXT NOT NULL DEFAULT 'default',
    "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "object" TEXT NOT NULL,
    "detail" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "AuditEntry_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"("email");

-- CreateIndex
CREATE UNIQUE INDEX "session_token_key" ON "session"("token");

-- CreateIndex
CREATE UNIQUE INDEX "ApiToken_hash_key" ON "ApiToken"("hash");

-- CreateIndex
CREATE UNIQUE INDEX "Connection_project_environment_name_key" ON "Connection"("project", "environment", "name");

-- CreateIndex
CREATE UNIQUE INDEX "Flow_project_name_key" ON "Flow"("project", "name");

-- CreateIndex
CREATE UNIQUE INDEX "FlowVersion_flowId_number_key" ON "FlowVersion"("flowId", "number");

-- CreateIndex
CREATE UNIQUE INDEX "Deployment_environment_flowId_key" ON "Deployment"("environment", "flowId");

-- CreateIndex
CREATE INDEX "Run_flowId_startedAt_idx" ON "Run"("flowId", "startedAt" DESC);

-- CreateIndex
CREATE INDEX "Run_traceId_idx" ON "Run"("traceId");

-- CreateIndex
CREATE INDEX "Run_id_idx" ON "Run"("id");

-- CreateIndex
CREATE INDEX "RunValue_name_value_startedAt_idx" ON "RunValue"("name", "value", "startedAt" DESC);

-- CreateIndex
CREATE INDEX "DeadLetter_flowId_state_createdAt_idx" ON "DeadLetter"("flowId", "state", "createdAt" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "DeadLetter_environment_flowId_node_source_lane_position_par_key" ON "DeadLetter"("environment", "flowId", "node", "source", "lane", "position", "part");

-- CreateIndex
CREATE INDEX "AuditEntry_project_at_idx" ON "AuditEntry"("project", "at" DESC);

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "account" ADD CONSTRAINT "account_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ApiToken" ADD CONSTRAINT "ApiToken_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "FlowVersion" ADD CONSTRAINT "FlowVersion_flowId_fkey" FOREIGN KEY ("flowId") REFERENCES "Flow"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Deployment" ADD CONSTRAINT "Deployment_flowId_fkey" FOREIGN KEY ("flowId") REFERENCES "Flow"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DeploymentEvent" ADD CONSTRAINT "DeploymentEvent_deploymentId_fkey" FOREIGN KEY ("deploymentId") REFERENCES "Deployment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ---- by hand: partitions by day (Prisma knows only the parent tables) ------------------------------------------------

-- What no day partition takes lands here, so that a late or forgotten partition never loses a run.
CREATE TABLE "Run_default" PARTITION OF "Run" DEFAULT;
CREATE TABLE "RunValue_default" PARTITION OF "RunValue" DEFAULT;

-- Creates the partitions of today and of the days ahead. Rows that the default partition took for them move over.
-- Safe to call often and from several processes. Returns how many it created.
CREATE FUNCTION millrace_create_partitions(days_ahead INTEGER DEFAULT 3) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
  parent TEXT;
  partition TEXT;
  first_day DATE := (now() AT TIME ZONE 'UTC')::date;
  day DATE;
  created INTEGER := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('millrace_partitions'));
  FOREACH parent IN ARRAY ARRAY['Run', 'RunValue'] LOOP
    FOR offset_days IN 0..days_ahead LOOP
      day := first_day + offset_days;
      partition := parent || '_' || to_char(day, 'YYYYMMDD');
      CONTINUE WHEN to_regclass(quote_ident(partition)) IS NOT NULL;
      EXECUTE format('LOCK TABLE %I IN SHARE ROW EXCLUSIVE MODE', parent);
      EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', partition, parent);
      EXECUTE format(
        'WITH moved AS (DELETE FROM %I WHERE "startedAt" >= %L AND "startedAt" < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
        parent || '_default', day::timestamp, (day + 1)::timestamp, partition);
      EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        parent, partition, day::timestamp, (day + 1)::timestamp);
      created := created + 1;
    END LOOP;
  END LOOP;
  RETURN created;
END $$;

-- Drops the partitions of days that are older than what is kept. Returns how many it dropped.
CREATE FUNCTION millrace_drop_partitions(keep_days INTEGER) RETURNS INTEGER LANGUAGE plpgsql AS $$
DECLARE
  old RECORD;
  first_kept DATE := (now() AT TIME ZONE 'UTC')::date - keep_days;
  dropped INTEGER := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('millrace_partitions'));
  FOR old IN
    SELECT child.relname AS name
    FROM pg_inherits
    JOIN pg_class child ON child.oid = pg_inherits.inhrelid
    WHERE pg_inherits.inhparent IN ('"Run"'::regclass, '"RunValue"'::regclass)
      AND child.relname ~ '_[0-9]{8}$'
      AND to_date(right(child.relname, 8), 'YYYYMMDD') < first_kept
  LOOP
    EXECUTE format('DROP TABLE %I', old.name);
    dropped := dropped + 1;
  END LOOP;
  DELETE FROM "Run_default" WHERE "startedAt" < first_kept;
  DELETE FROM "RunValue_default" WHERE "startedAt" < first_kept;
  RETURN dropped;
END $$;

SELECT millrace_create_partitions(3);
