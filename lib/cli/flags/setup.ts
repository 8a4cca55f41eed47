import type { Distribution, Framework } from "../../project/mod.ts";
import { choice, file, type FlagValues, repeatable, text, toggle } from "./builders.ts";

// Not the lists of lib/project: the flags are declared before the library is loaded.
const FRAMEWORKS = ["fastapi", "flask", "asgi", "django"] as const satisfies readonly Framework[];
const DISTRIBUTIONS = ["workspace", "server"] as const satisfies readonly Distribution[];

/** The flags of every command that works on a `pyrpc.json`. */
export const SETUP_FLAGS = {
  framework: choice("Adapter of the backend", FRAMEWORKS),
  entry: text("Python module to scan for procedures (app.main or app.main:app)", {
    placeholder: "module",
  }),
  clientRoot: repeatable(
    file("TypeScript client project; repeatable", { placeholder: "folder" }),
  ),
  distribution: choice("Write types to the client's folder, or let it fetch them", DISTRIBUTIONS),
  force: toggle("Accept a client without package.json, and replace types of another backend"),
  reconfigure: toggle("Ask all questions again, with the current values as defaults"),
  yes: toggle("Use detected values without asking (except for the distribution)", { alias: "y" }),
};

/** The values of {@link SETUP_FLAGS}. */
export type SetupFlags = FlagValues<typeof SETUP_FLAGS>;
