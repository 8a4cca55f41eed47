export * from "./console.ts";
export { loadUserModule, type UserModule } from "./load_user_module.ts";
export { localImports } from "./local_imports.ts";
export { keepStdoutForData } from "./free_stdout.ts";
