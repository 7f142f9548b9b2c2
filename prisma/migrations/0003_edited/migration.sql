-- AlterTable
ALTER TABLE "DeadLetter" ADD COLUMN     "editedFor" TEXT,
ADD COLUMN     "editedValue" BYTEA,
ADD COLUMN     "failedAt" TIMESTAMP(3);
