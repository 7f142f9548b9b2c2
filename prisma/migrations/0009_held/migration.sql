-- CreateTable
CREATE TABLE "Held" (
    "id" UUID NOT NULL,
    "environment" TEXT NOT NULL,
    "flowId" TEXT NOT NULL,
    "node" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "revision" INTEGER NOT NULL,
    "status" TEXT NOT NULL,
    "steps" TEXT[] NOT NULL,
    "dueAt" TIMESTAMP(3),
    "awaits" TEXT[] NOT NULL,
    "content" BYTEA NOT NULL,
    "errorNode" TEXT,
    "errorCode" TEXT,
    "errorMessage" TEXT,
    "traceId" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    "endedAt" TIMESTAMP(3),
    "expiresAt" TIMESTAMP(3),

    CONSTRAINT "Held_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "HeldArrival" (
    "id" UUID NOT NULL,
    "environment" TEXT NOT NULL,
    "flowId" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "content" BYTEA NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL,
    "expiresAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "HeldArrival_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Held_environment_flowId_kind_dueAt_idx" ON "Held"("environment", "flowId", "kind", "dueAt") WHERE "dueAt" IS NOT NULL;

-- CreateIndex
CREATE INDEX "Held_awaits_idx" ON "Held" USING GIN ("awaits") WITH (fastupdate = off) WHERE "awaits" <> '{}';

-- CreateIndex
CREATE INDEX "Held_environment_flowId_status_createdAt_id_idx" ON "Held"("environment", "flowId", "status", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "Held_environment_createdAt_id_idx" ON "Held"("environment", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "Held_environment_key_idx" ON "Held"("environment", "key");

-- CreateIndex
CREATE INDEX "Held_expiresAt_idx" ON "Held"("expiresAt") WHERE "expiresAt" IS NOT NULL;

-- CreateIndex
CREATE INDEX "HeldArrival_environment_flowId_address_createdAt_idx" ON "HeldArrival"("environment", "flowId", "address", "createdAt");

-- CreateIndex
CREATE INDEX "HeldArrival_expiresAt_idx" ON "HeldArrival"("expiresAt");

-- By hand: WHERE and fastupdate of the indexes above, and what follows. A saga is written about five times in a second, most of them without
-- a change of its status, of `awaits` or of `dueAt` (a lease that still has time): no index names `steps`, and with room in the page such a
-- write touches none. An index over `awaits` that gathers what is new (fastupdate) would be read through with every event that comes.
ALTER TABLE "Held" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05);
ALTER TABLE "HeldArrival" SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05);
