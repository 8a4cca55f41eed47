import { Buffer } from "node:buffer";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { parseContract } from "../lib/schema/mod.ts";

const TIME_LIMIT_MS = 5_000;
const MAX_BYTES = 32 * 1024 * 1024;

/** Asks a server for its contract once. @returns why it is no pyRPC server, or undefined where it is one. */
export async function request(url: string): Promise<string | undefined> {
  const base = url.replace(/\/+$/, "").replace(/\/rpc$/i, "");
  const target = new URL(`${base}/rpc`);
  const send = target.protocol === "https:" ? httpsRequest : httpRequest;
  return await new Promise((resolve) => {
    const timer = setTimeout(() => {
      call.destroy();
      resolve(`no answer within ${TIME_LIMIT_MS / 1000} seconds`);
    }, TIME_LIMIT_MS);
    const done = (result: string | undefined) => {
      clearTimeout(timer);
      resolve(result);
    };
    const call = send(target, { headers: { accept: "application/json" } }, (response) => {
      const chunks: Uint8Array[] = [];
      let size = 0;
      response.on("error", (error) => done(error.message));
      response.on("data", (chunk: Uint8Array) => {
        size += chunk.byteLength;
        if (size <= MAX_BYTES) return void chunks.push(chunk);
        call.destroy();
        done("the answer is too large");
      });
      response.on("end", () => {
        if (response.statusCode !== 200) {
          return done(`GET ${target} answered ${response.statusCode}`);
        }
        try {
          const text = new TextDecoder().decode(Buffer.concat(chunks));
          parseContract(JSON.parse(text), { where: target.href });
          done(undefined);
        } catch (error) {
          done(error instanceof SyntaxError ? "the answer is not JSON" : (error as Error).message);
        }
      });
    });
    call.on("error", (error: NodeJS.ErrnoException) => {
      done(error.code === "ECONNREFUSED" ? "nothing listens there" : error.message);
    });
    call.end();
  });
}
