import assert from "node:assert/strict";
import { test } from "node:test";
import { diagnoseAdapter, diagnosePackages } from "../../lib/doctor/packages.ts";

const install = (names: readonly string[]) => `install ${names.join(" ")}`;

test("diagnosePackages() lists the installed packages, or installs pyrpc-core", () => {
  const found = diagnosePackages({ "pyrpc-core": "0.14.0", flask: null, pydantic: "2.9" }, install);
  assert.deepEqual([found.status, found.message], ["ok", "pyrpc-core 0.14.0, pydantic 2.9"]);
  for (const packages of [{}, { "pyrpc-core": null }]) {
    const missing = diagnosePackages(packages, install);
    assert.deepEqual([missing.status, missing.fix], ["broken", ["install pyrpc-core"]]);
  }
});

test("diagnoseAdapter() names the missing packages of a framework", () => {
  const all = {
    "pyrpc-core": "0.14.0",
    "pyrpc-fastapi": "0.14.0",
    "pyrpc-flask": "0.14.0",
    fastapi: "0.115",
    flask: "3",
    uvicorn: "0.30",
  };
  const rows = [
    ["fastapi", {}, []],
    ["flask", {}, []],
    ["django", { uvicorn: null }, ["install django pyrpc-django-adapter"]],
    ["asgi", { fastapi: null, flask: null, "pyrpc-fastapi": null }, []],
    ["fastapi", { fastapi: null }, ["install fastapi"]],
    ["fastapi", { "pyrpc-fastapi": null, fastapi: null }, ["install fastapi pyrpc-fastapi"]],
    // Before 0.10 the adapters are part of pyrpc-core.
    ["fastapi", { "pyrpc-core": "0.9.9", "pyrpc-fastapi": null }, []],
    ["flask", { "pyrpc-core": "0.10.0", "pyrpc-flask": null }, ["install pyrpc-flask"]],
    ["flask", { "pyrpc-core": "1.0.0", "pyrpc-flask": null }, ["install pyrpc-flask"]],
    ["flask", { "pyrpc-core": null, "pyrpc-flask": null }, []],
    // Flask has a server of its own.
    ["flask", { uvicorn: null }, []],
    ["fastapi", { uvicorn: null }, ["install uvicorn"]],
    ["asgi", { uvicorn: null }, ["install uvicorn"]],
  ] as const;
  for (const [framework, changed, wanted] of rows) {
    const diagnoses = diagnoseAdapter(framework, { ...all, ...changed }, install);
    const fixes = diagnoses.flatMap(({ fix = [] }) => fix);
    assert.deepEqual(fixes, wanted, `${framework} ${JSON.stringify(changed)}`);
    const isOk = diagnoses.every(({ status }) => status === "ok");
    assert.equal(isOk, wanted.length === 0);
  }
});
