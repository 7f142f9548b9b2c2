-- CreateTable
CREATE TABLE "NodeHistory" (
    "deploymentId" TEXT NOT NULL,
    "stepSeconds" INTEGER NOT NULL,
    "at" TIMESTAMP(3) NOT NULL,
    "node" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "messages" BIGINT NOT NULL,
    "failed" BIGINT NOT NULL,
    "retried" BIGINT NOT NULL,
    "dead" BIGINT NOT NULL,
    "p50Ms" DOUBLE PRECISION,
    "p95Ms" DOUBLE PRECISION,

    CONSTRAINT "NodeHistory_pkey" PRIMARY KEY ("deploymentId","stepSeconds","at","node","version")
);

-- CreateIndex
CREATE INDEX "NodeHistory_stepSeconds_at_idx" ON "NodeHistory"("stepSeconds", "at");
