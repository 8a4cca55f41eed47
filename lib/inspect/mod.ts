/** Procedures described with their TypeScript types. @module */
export { describeProcedures, type ProcedureDescription } from "./describe_procedures.ts";
