import { createClient } from "@pyrpc/client";
import type { Types } from "@pyrpc/types";

// Without a baseUrl, calls go to the page's own origin. Vite forwards /rpc to the backend.
export const rpc = createClient<Types>({ timeout: 10_000 });
