import type { Delivered, Target } from "../../delivery/mod.ts";
import { noTargets, notTypeScript, writeNotAllowed } from "../errors.ts";
import { projectPath } from "../project_path.ts";
import { withoutComments } from "../safe_text.ts";
import type { Tool } from "../tool.ts";

const MAX_TEXT = 100_000;

/** Generates the types, and writes them if the command line allows it. */
export const generateTypesTool: Tool = {
  name: "generate_types",
  title: "Generate the TypeScript types",
  description:
    "Plans the types files of the project's clients, or one file with `out`, and reports what would change. Nothing is " +
    "written unless `write` is true and the user allows it (--allow-write).",
  inputSchema: {
    type: "object",
    properties: {
      out: { type: "string", description: "A .ts file inside the project, instead of its targets" },
      write: { type: "boolean", description: "Write the files (default: false)" },
    },
    additionalProperties: false,
  },
  outputSchema: {
    type: "object",
    properties: {
      written: { type: "boolean" },
      targets: {
        type: "array",
        items: {
          type: "object",
          properties: {
            types: { type: "string", description: "The file with the types" },
            freshness: { type: "string" },
            changes: { type: "array", items: { type: "string" } },
          },
          required: ["types", "freshness", "changes"],
        },
      },
      text: { type: "string", description: "The types, without comments" },
      text_is_cut: { type: "boolean" },
      warnings: { type: "array", items: { type: "string" } },
    },
    required: ["written", "targets", "text", "text_is_cut", "warnings"],
  },
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
  },
  async run({ out, write = false }, session) {
    if (write === true && !session.allowWrite) throw writeNotAllowed();
    if (out !== undefined && !/\.[cm]?ts$/.test(String(out))) throw notTypeScript(String(out));
    const live = await session.source.load();
    const [{ findCheckedProject }, { selectProcedures }, delivery] = await Promise.all([
      import("../../check/mod.ts"),
      import("../../contract/mod.ts"),
      import("../../delivery/mod.ts"),
    ]);
    const { deliver, describePlan, generateChecked, planDelivery, resolveTarget, targetsOf } =
      delivery;
    const { context } = session;
    const targets: Target[] = out === undefined ? targetsOf(await findCheckedProject(context)) : [{
      writer: "codegen",
      start: context.cwd,
      out: await projectPath(String(out), context.cwd),
    }];
    if (targets.length === 0) throw noTargets();
    const delivered: Delivered[] = targets.map((target) => {
      const selected = target.selection === undefined
        ? live.contract
        : selectProcedures(live.contract, target.selection, live.where);
      const generated = generateChecked({ contract: selected, where: live.where }, {});
      const planned = planDelivery(resolveTarget(target, generated), generated, {
        origin: target.origin,
      });
      return deliver(planned, write === true ? "write" : "dry-run");
    });
    const text = withoutComments(delivered[0]?.generated.text ?? "");
    return {
      written: write === true,
      targets: delivered.map(({ chosen, freshness, files, mapFiles }) => ({
        types: chosen.types,
        freshness,
        changes: describePlan([...files, ...mapFiles]),
      })),
      text: text.slice(0, MAX_TEXT),
      text_is_cut: text.length > MAX_TEXT,
      warnings: [
        ...live.warnings,
        ...delivered.flatMap(({ generated }) =>
          generated.warnings.map(({ procedure, path, message }) =>
            `${procedure}: ${path} ${message}`
          )
        ),
      ],
    };
  },
};
