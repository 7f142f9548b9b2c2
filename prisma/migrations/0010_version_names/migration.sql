-- AlterTable
ALTER TABLE "FlowVersion" ADD COLUMN     "name" TEXT NOT NULL DEFAULT '';
