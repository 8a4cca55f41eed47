import backendGitignore from "../../examples/django-vue/backend/.gitignore" with { type: "text" };
import backendGuestbookInitPy from "../../examples/django-vue/backend/guestbook/__init__.py" with {
  type: "text",
};
import backendGuestbookMigrations0001InitialPy from "../../examples/django-vue/backend/guestbook/migrations/0001_initial.py" with {
  type: "text",
};
import backendGuestbookMigrationsInitPy from "../../examples/django-vue/backend/guestbook/migrations/__init__.py" with {
  type: "text",
};
import backendGuestbookModelsPy from "../../examples/django-vue/backend/guestbook/models.py" with {
  type: "text",
};
import backendGuestbookProceduresPy from "../../examples/django-vue/backend/guestbook/procedures.py" with {
  type: "text",
};
import backendManagePy from "../../examples/django-vue/backend/manage.py" with { type: "text" };
import backendMysiteInitPy from "../../examples/django-vue/backend/mysite/__init__.py" with {
  type: "text",
};
import backendMysiteSettingsPy from "../../examples/django-vue/backend/mysite/settings.py" with {
  type: "text",
};
import backendMysiteUrlsPy from "../../examples/django-vue/backend/mysite/urls.py" with {
  type: "text",
};
import backendMysiteWsgiPy from "../../examples/django-vue/backend/mysite/wsgi.py" with {
  type: "text",
};
import backendPyrpcJson from "../../examples/django-vue/backend/pyrpc.json" with { type: "text" };
import backendRequirementsTxt from "../../examples/django-vue/backend/requirements.txt" with {
  type: "text",
};
import frontendGitignore from "../../examples/django-vue/frontend/.gitignore" with { type: "text" };
import frontendIndexHtml from "../../examples/django-vue/frontend/index.html" with { type: "text" };
import frontendPackageJson from "../../examples/django-vue/frontend/package.json" with {
  type: "text",
};
import frontendPyrpcClientJson from "../../examples/django-vue/frontend/pyrpc-client.json" with {
  type: "text",
};
import frontendSrcGuestbookVue from "../../examples/django-vue/frontend/src/Guestbook.vue" with {
  type: "text",
};
import frontendSrcMainTs from "../../examples/django-vue/frontend/src/main.ts" with {
  type: "text",
};
import frontendSrcRpcTs from "../../examples/django-vue/frontend/src/rpc.ts" with { type: "text" };
import frontendTsconfigJson from "../../examples/django-vue/frontend/tsconfig.json" with {
  type: "text",
};
import frontendViteConfigTs from "../../examples/django-vue/frontend/vite.config.ts" with {
  type: "text",
};
import readmeMd from "../../examples/django-vue/README.md" with { type: "text" };

/** The files of `examples/django-vue`. A test compares them with the folder. */
export const FILES: Readonly<Record<string, string>> = {
  "backend/.gitignore": backendGitignore,
  "backend/guestbook/__init__.py": backendGuestbookInitPy,
  "backend/guestbook/migrations/0001_initial.py": backendGuestbookMigrations0001InitialPy,
  "backend/guestbook/migrations/__init__.py": backendGuestbookMigrationsInitPy,
  "backend/guestbook/models.py": backendGuestbookModelsPy,
  "backend/guestbook/procedures.py": backendGuestbookProceduresPy,
  "backend/manage.py": backendManagePy,
  "backend/mysite/__init__.py": backendMysiteInitPy,
  "backend/mysite/settings.py": backendMysiteSettingsPy,
  "backend/mysite/urls.py": backendMysiteUrlsPy,
  "backend/mysite/wsgi.py": backendMysiteWsgiPy,
  "backend/pyrpc.json": backendPyrpcJson,
  "backend/requirements.txt": backendRequirementsTxt,
  "frontend/.gitignore": frontendGitignore,
  "frontend/index.html": frontendIndexHtml,
  "frontend/package.json": frontendPackageJson,
  "frontend/pyrpc-client.json": frontendPyrpcClientJson,
  "frontend/src/Guestbook.vue": frontendSrcGuestbookVue,
  "frontend/src/main.ts": frontendSrcMainTs,
  "frontend/src/rpc.ts": frontendSrcRpcTs,
  "frontend/tsconfig.json": frontendTsconfigJson,
  "frontend/vite.config.ts": frontendViteConfigTs,
  "README.md": readmeMd,
};
