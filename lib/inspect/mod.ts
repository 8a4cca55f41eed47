/** Procedures described with their TypeScript types. @module */
export {
  describeProcedures,
  procedureDescriber,
  type ProcedureDescription,
} from "./describe_procedures.ts";
