-- AlterTable
ALTER TABLE "Deployment" ADD COLUMN     "label" TEXT;

-- AlterTable
ALTER TABLE "Worker" ADD COLUMN     "label" TEXT;
