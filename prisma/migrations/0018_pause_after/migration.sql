-- A redrive pauses by itself when so many of its letters failed again; `pauseAt` is the count at which it does next.
ALTER TABLE "Redrive" ADD COLUMN "pauseAfter" INTEGER;
ALTER TABLE "Redrive" ADD COLUMN "pauseAt" INTEGER;
