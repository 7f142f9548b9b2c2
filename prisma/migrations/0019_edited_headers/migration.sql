-- A person may write key and headers of a dead letter anew, too. `editedHeaders` is null where they stay as they were, as on all rows so far.
ALTER TABLE "DeadLetter" ADD COLUMN "editedKey" BYTEA;
ALTER TABLE "DeadLetter" ADD COLUMN "editedHeaders" JSONB;
