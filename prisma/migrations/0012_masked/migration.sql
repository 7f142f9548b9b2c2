ALTER TABLE "RunValue" ADD COLUMN "below" TEXT;

CREATE TABLE "LeftMask" (
    "flowId" TEXT NOT NULL,
    "masked" JSONB NOT NULL,

    CONSTRAINT "LeftMask_pkey" PRIMARY KEY ("flowId")
);

-- Which flows mask anything is asked with each search.
CREATE INDEX "Flow_masked_idx" ON "Flow" (id) WHERE (draft #> '{settings,masked}') IS NOT NULL;
CREATE INDEX "FlowVersion_masked_idx" ON "FlowVersion" ("flowId") WHERE (document #> '{settings,masked}') IS NOT NULL;
