-- DropIndex
DROP INDEX "RunValue_name_value_startedAt_idx";

-- CreateIndex
CREATE INDEX "Run_state_startedAt_idx" ON "Run"("state", "startedAt" DESC);

-- CreateIndex
CREATE INDEX "Run_key_startedAt_idx" ON "Run"("key", "startedAt" DESC);

-- CreateIndex
CREATE INDEX "Run_position_idx" ON "Run"("position");

-- CreateIndex
CREATE INDEX "RunValue_value_startedAt_idx" ON "RunValue"("value", "startedAt" DESC);

-- CreateIndex
CREATE INDEX "DeadLetter_environment_state_flowId_idx" ON "DeadLetter"("environment", "state", "flowId");

-- CreateIndex
CREATE INDEX "DeadLetter_environment_createdAt_id_idx" ON "DeadLetter"("environment", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "DeadLetter_runId_idx" ON "DeadLetter"("runId");
