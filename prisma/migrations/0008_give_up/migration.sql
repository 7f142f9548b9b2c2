-- AlterTable
ALTER TABLE "Parked" ADD COLUMN     "causeDetail" TEXT,
ADD COLUMN     "giveUp" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "runId" TEXT,
ADD COLUMN     "traceId" TEXT;
