import { selectProcedures } from "../../contract/mod.ts";
import { classifySource, loadSource } from "../../source/mod.ts";
import { moduleNotLoaded, noSnapshotInProject, oneOldVersion } from "../errors.ts";
import { projectPath } from "../project_path.ts";
import type { McpSession } from "../session.ts";
import { READ_ONLY, type Tool } from "../tool.ts";

/** Compares the contract with another version of it. */
export const diffContract: Tool = {
  name: "diff_contract",
  title: "Compare contracts",
  description:
    "Lists the changes from another version of the contract to the current one, by their effect on clients: " +
    "breaking, possibly breaking or safe. Pass `file_or_url` (a schema file of the project or the URL of a deployed " +
    "server) or `revision` (a git revision that contains the project's snapshot).",
  inputSchema: {
    type: "object",
    properties: {
      file_or_url: { type: "string" },
      revision: { type: "string" },
    },
    additionalProperties: false,
  },
  outputSchema: {
    type: "object",
    properties: {
      before: { type: "string" },
      after: { type: "string" },
      severity: { enum: ["breaking", "possibly-breaking", "safe", "none"] },
      bump: { type: "string" },
      changes: { type: "array", items: { type: "object" } },
      warnings: { type: "array", items: { type: "string" } },
    },
    required: ["before", "after", "severity", "changes", "warnings"],
  },
  annotations: { ...READ_ONLY, openWorldHint: true },
  async run({ file_or_url: other, revision }, session) {
    if ((other === undefined) === (revision === undefined)) throw oneOldVersion();
    const before = other === undefined
      ? await ofRevision(String(revision), session)
      : await ofSource(String(other), session);
    const { contract, where, warnings } = await session.source.load();
    const { reportDiff } = await import("../../report/mod.ts");
    const { selection } = session.source;
    const old = {
      where: before.where,
      contract: selectProcedures(before.contract, selection, before.where),
    };
    return { ...await reportDiff(old, { contract, where }), warnings };
  },
};

async function ofRevision(revision: string, { source }: McpSession) {
  const { context } = await source.find();
  const { findSnapshot, readGitSnapshot, snapshotNotInRevision } = await import(
    "../../snapshot/mod.ts"
  );
  const snapshot = await findSnapshot(context);
  if (snapshot === undefined) throw noSnapshotInProject();
  const before = await readGitSnapshot(revision, snapshot);
  if (before === undefined) throw snapshotNotInRevision(revision, snapshot, snapshot);
  return before;
}

async function ofSource(other: string, session: McpSession) {
  const { options, context } = await session.source.find();
  const classified = classifySource(other, context.cwd);
  if (classified.kind === "url") {
    const own = await session.source.serverUrl();
    const isOwn = own !== undefined && new URL(own).origin === new URL(classified.url).origin;
    const { headers: _, token: __, ...open } = options;
    return await loadSource(classified.url, isOwn ? options : open, context);
  }
  // Importing a module runs it, which no read-only tool may do on an agent's word.
  if (classified.kind !== "file") throw moduleNotLoaded(other);
  return await loadSource(await projectPath(other, context.cwd), options, context);
}
