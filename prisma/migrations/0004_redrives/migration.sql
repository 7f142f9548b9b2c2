-- AlterTable
ALTER TABLE "DeadLetter" ADD COLUMN     "causes" JSONB,
ADD COLUMN     "forwardCause" TEXT,
ADD COLUMN     "forwardConnection" TEXT,
ADD COLUMN     "forwardState" TEXT,
ADD COLUMN     "forwardTo" TEXT,
ADD COLUMN     "forwardedAt" TIMESTAMP(3),
ADD COLUMN     "redriveId" TEXT;

-- CreateTable
CREATE TABLE "Redrive" (
    "id" TEXT NOT NULL,
    "project" TEXT NOT NULL DEFAULT 'default',
    "environment" TEXT NOT NULL DEFAULT 'default',
    "flowId" TEXT NOT NULL,
    "flow" TEXT NOT NULL,
    "ids" TEXT[],
    "cause" TEXT,
    "condition" TEXT,
    "target" TEXT NOT NULL,
    "edit" TEXT,
    "rate" INTEGER,
    "state" TEXT NOT NULL DEFAULT 'planned',
    "chosenToAt" TIMESTAMP(3),
    "chosenToId" TEXT,
    "chosen" BOOLEAN NOT NULL DEFAULT false,
    "asked" INTEGER NOT NULL DEFAULT 0,
    "skipped" INTEGER NOT NULL DEFAULT 0,
    "skippedWords" TEXT,
    "sent" INTEGER NOT NULL DEFAULT 0,
    "failedAgain" INTEGER NOT NULL DEFAULT 0,
    "changed" INTEGER NOT NULL DEFAULT 0,
    "refused" INTEGER NOT NULL DEFAULT 0,
    "reason" TEXT,
    "allowance" DOUBLE PRECISION NOT NULL DEFAULT 1,
    "grantedAt" TIMESTAMP(3),
    "by" TEXT NOT NULL DEFAULT '',
    "createdAt" TIMESTAMP(3) NOT NULL,
    "endedAt" TIMESTAMP(3),
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Redrive_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Redrive_environment_state_idx" ON "Redrive"("environment", "state");

-- CreateIndex
CREATE INDEX "Redrive_flowId_state_idx" ON "Redrive"("flowId", "state");

-- CreateIndex
CREATE INDEX "Redrive_environment_createdAt_idx" ON "Redrive"("environment", "createdAt" DESC);

-- CreateIndex
CREATE INDEX "DeadLetter_redriveId_state_idx" ON "DeadLetter"("redriveId", "state");

-- CreateIndex
CREATE INDEX "DeadLetter_forwardState_flowId_failedAt_idx" ON "DeadLetter"("forwardState", "flowId", "failedAt");
