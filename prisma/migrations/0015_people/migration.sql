-- AlterTable
ALTER TABLE "ApiToken" ADD COLUMN     "flowIds" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "readOnly" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "Invitation" (
    "id" TEXT NOT NULL,
    "project" TEXT NOT NULL DEFAULT 'default',
    "hash" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL DEFAULT '',
    "role" TEXT NOT NULL,
    "invitedBy" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMP(3) NOT NULL,
    "usedAt" TIMESTAMP(3),
    "revokedAt" TIMESTAMP(3),

    CONSTRAINT "Invitation_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Invitation_hash_key" ON "Invitation"("hash");

-- CreateIndex
CREATE INDEX "Invitation_expiresAt_idx" ON "Invitation"("expiresAt");

-- CreateIndex
CREATE INDEX "ApiToken_userId_idx" ON "ApiToken"("userId");

-- CreateIndex
CREATE INDEX "AuditEntry_project_environment_at_id_idx" ON "AuditEntry"("project", "environment", "at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "AuditEntry_project_environment_actor_at_idx" ON "AuditEntry"("project", "environment", "actor", "at" DESC);

-- CreateIndex
CREATE INDEX "AuditEntry_project_environment_action_at_idx" ON "AuditEntry"("project", "environment", "action", "at" DESC);

-- CreateIndex
CREATE INDEX "AuditEntry_project_environment_object_idx" ON "AuditEntry"("project", "environment", "object" text_pattern_ops);

-- The audit trail is append-only, whoever asks: nobody but the table's owner can take the trigger away.
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The audit trail is append-only: % is refused on "AuditEntry".', TG_OP
    USING ERRCODE = 'insufficient_privilege',
          HINT = 'docs/audit.md says how the owner of the database removes entries of long ago.';
END
$$;
CREATE TRIGGER "AuditEntry_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "AuditEntry"
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
-- Also in a session that says that it only replays what happened elsewhere.
ALTER TABLE "AuditEntry" ENABLE ALWAYS TRIGGER "AuditEntry_append_only";
