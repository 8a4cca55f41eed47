import gitignore from "../../examples/fastapi-react/.gitignore" with { type: "text" };
import apiAppInitPy from "../../examples/fastapi-react/api/app/__init__.py" with { type: "text" };
import apiAppMainPy from "../../examples/fastapi-react/api/app/main.py" with { type: "text" };
import apiPyrpcJson from "../../examples/fastapi-react/api/pyrpc.json" with { type: "text" };
import apiRequirementsTxt from "../../examples/fastapi-react/api/requirements.txt" with {
  type: "text",
};
import packageJson from "../../examples/fastapi-react/package.json" with { type: "text" };
import readmeMd from "../../examples/fastapi-react/README.md" with { type: "text" };
import webIndexHtml from "../../examples/fastapi-react/web/index.html" with { type: "text" };
import webPackageJson from "../../examples/fastapi-react/web/package.json" with { type: "text" };
import webSrcMainTsx from "../../examples/fastapi-react/web/src/main.tsx" with { type: "text" };
import webSrcRpcTs from "../../examples/fastapi-react/web/src/rpc.ts" with { type: "text" };
import webSrcTasksTsx from "../../examples/fastapi-react/web/src/Tasks.tsx" with { type: "text" };
import webTsconfigJson from "../../examples/fastapi-react/web/tsconfig.json" with { type: "text" };
import webViteConfigTs from "../../examples/fastapi-react/web/vite.config.ts" with { type: "text" };

/** The files of `examples/fastapi-react`. A test compares them with the folder. */
export const FILES: Readonly<Record<string, string>> = {
  ".gitignore": gitignore,
  "api/app/__init__.py": apiAppInitPy,
  "api/app/main.py": apiAppMainPy,
  "api/pyrpc.json": apiPyrpcJson,
  "api/requirements.txt": apiRequirementsTxt,
  "package.json": packageJson,
  "README.md": readmeMd,
  "web/index.html": webIndexHtml,
  "web/package.json": webPackageJson,
  "web/src/main.tsx": webSrcMainTsx,
  "web/src/rpc.ts": webSrcRpcTs,
  "web/src/Tasks.tsx": webSrcTasksTsx,
  "web/tsconfig.json": webTsconfigJson,
  "web/vite.config.ts": webViteConfigTs,
};
