-- CreateTable
CREATE TABLE "Parked" (
    "id" TEXT NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "environment" TEXT NOT NULL,
    "flowId" TEXT NOT NULL,
    "node" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "lane" TEXT NOT NULL,
    "position" TEXT NOT NULL,
    "part" TEXT NOT NULL,
    "orderKey" TEXT NOT NULL,
    "dueAt" TIMESTAMP(3),
    "attempts" INTEGER NOT NULL,
    "causeCode" TEXT NOT NULL,
    "causeMessage" TEXT NOT NULL,
    "key" BYTEA,
    "value" BYTEA,
    "headers" JSONB NOT NULL,
    "codec" TEXT NOT NULL,
    "timestamp" TIMESTAMP(3) NOT NULL,
    "sourceKey" BYTEA,
    "sourceValue" BYTEA,
    "sourceHeaders" JSONB,
    "claimedBy" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Parked_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Parked_environment_flowId_source_lane_node_orderKey_seq_idx" ON "Parked"("environment", "flowId", "source", "lane", "node", "orderKey", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "Parked_environment_flowId_node_source_lane_position_part_key" ON "Parked"("environment", "flowId", "node", "source", "lane", "position", "part");
