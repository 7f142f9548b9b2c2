-- Who discarded a dead letter, and when. Null on rows that were discarded before; the audit has it of those.
ALTER TABLE "DeadLetter" ADD COLUMN "discardedBy" TEXT;
ALTER TABLE "DeadLetter" ADD COLUMN "discardedAt" TIMESTAMP(3);
