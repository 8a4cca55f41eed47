import { platform } from "node:os";

/** The name of an example project. */
export type ExampleName = "fastapi-react" | "django-vue" | "vitest";

const isWindows = platform() === "win32";
const PYTHON = isWindows ? "py" : "python3";

function inVenv(folder: string, program: string): string {
  return isWindows ? `${folder}\\.venv\\Scripts\\${program}` : `${folder}/.venv/bin/${program}`;
}

/** The commands that run each example in its folder: a list for each terminal. */
export const RUN_COMMANDS: Readonly<Record<ExampleName, readonly (readonly string[])[]>> = {
  "fastapi-react": [
    [
      `${PYTHON} -m venv api/.venv`,
      `${inVenv("api", "pip")} install -r api/requirements.txt`,
      "npm install",
      "npm run dev:api",
    ],
    ["npm run dev:web"],
  ],
  "django-vue": [
    [
      `${PYTHON} -m venv backend/.venv`,
      `${inVenv("backend", "pip")} install -r backend/requirements.txt`,
      `${inVenv("backend", "python")} backend/manage.py migrate`,
      `${inVenv("backend", "python")} backend/manage.py runserver`,
    ],
    ["npm install --prefix frontend", "npm run dev --prefix frontend"],
  ],
  "vitest": [["npm install", "npm test"]],
};

/** Returns the files of an example by their paths, with `/` between folders. */
export async function loadFiles(name: ExampleName): Promise<Readonly<Record<string, string>>> {
  switch (name) {
    case "fastapi-react":
      return (await import("./fastapi_react.ts")).FILES;
    case "django-vue":
      return (await import("./django_vue.ts")).FILES;
    case "vitest":
      return (await import("./vitest.ts")).FILES;
  }
}
