-- CreateTable
CREATE TABLE "ReceivedKey" (
    "id" UUID NOT NULL,
    "scope" UUID NOT NULL,
    "holder" TEXT NOT NULL,
    "claim" TEXT,
    "expiresAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "ReceivedKey_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "ReceivedKey_scope_expiresAt_idx" ON "ReceivedKey"("scope", "expiresAt");

-- By hand: each row is updated once, when its message is safe. Room in its page keeps that out of the indexes; and what is written and
-- forgotten all the time must be cleaned up long before a fifth of it is dead.
ALTER TABLE "ReceivedKey" SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05);
