import {
  convertProject,
  formatProject,
  interpretProjectFile,
  loadProject,
  type LoadProjectOptions,
  parseJsonFile,
  type ProjectConfig,
  type ProjectFile,
  resolveProject,
  saveProject,
  type SetupAnswers,
  type SetupQuestion,
  updateProject,
} from "../project/mod.ts";
import { setupNeeded } from "./errors.ts";
import { QUESTION_FLAGS } from "./setup_command.ts";

/** The configuration after {@link storeAnswers}. */
export interface StoredAnswers {
  readonly project: ProjectConfig;
  /** The text of the file. */
  readonly text: string;
  /** The copy of the previous file, if it was converted. */
  readonly backup: string | undefined;
  readonly isWritten: boolean;
}

/** Stores answers in a `pyrpc.json` and loads it. Writes nothing if the result would be unusable. @throws ToolError */
export async function storeAnswers(
  file: ProjectFile | undefined,
  path: string,
  answers: SetupAnswers,
  load: LoadProjectOptions,
): Promise<StoredAnswers> {
  const later = file !== undefined && file.format !== "v1" ? file : undefined;
  const text = file === undefined || later !== undefined
    ? formatProject(answers)
    : updateProject(file, answers);
  const state = await resolveProject(interpretProjectFile(parseJsonFile(path, text)), load);
  if (state.kind !== "ready") throw stillIncomplete(state.missing, path);
  const backup = later === undefined ? undefined : await convertProject(later, answers);
  const isWritten = backup !== undefined || await saveProject(path, file, answers);
  // Positions must be those of the file on disk.
  const stored = await loadProject({ ...load, path });
  const { project } = stored.kind === "ready" ? stored : state;
  return { project, text, backup, isWritten };
}

function stillIncomplete(missing: readonly SetupQuestion[], path: string) {
  const flags = missing.map((question) => QUESTION_FLAGS[question]);
  return setupNeeded({
    missing: flags,
    command: `pyrpc init ${flags.map((flag) => `${flag} …`).join(" ")}`,
    where: path,
    canDefault: false,
  });
}
