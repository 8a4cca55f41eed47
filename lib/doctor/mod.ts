/** Probes of a project's configuration, Python backend, servers and types, as diagnoses with fixes. @module */
export { diagnose, type DoctorOptions } from "./diagnose.ts";
export type { Diagnosis } from "./diagnosis.ts";
export { type AppliedFix, applyFixes, checkFixFlags } from "./apply_fixes.ts";
