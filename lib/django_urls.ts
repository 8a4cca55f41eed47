/**
 * The lines for `urls.py` after which a Django project answers `GET /rpc` and batches. pyRPC's adapter registers two
 * routes at one path; Django uses the first, which refuses GET with 405 and fails for batches.
 */
export const JOINED_ROUTES: readonly string[] = [
  "import json",
  "from django.http import JsonResponse",
  "from django.urls import path",
  "from pyrpc_core import handle_request",
  "",
  'names = ("pyrpc-rpc", "pyrpc-introspection")',
  'rpc_post, rpc_get = [each.callback for each in urlpatterns if getattr(each, "name", "") in names]',
  "",
  "async def rpc_view(request):",
  '    if request.method == "GET":',
  "        return await rpc_get(request)",
  "    try:",
  '        batch = json.loads(request.body) if request.method == "POST" else None',
  "    except ValueError:",
  "        batch = None",
  "    if not isinstance(batch, list):",
  "        return await rpc_post(request)",
  "    # With a router of your own, give it to handle_request as its second argument.",
  "    return JsonResponse(await handle_request(batch), safe=False)",
  "",
  "rpc_view.csrf_exempt = True",
  'urlpatterns.insert(0, path("rpc", rpc_view))',
];

/** The fix that comes before {@link JOINED_ROUTES}. */
export const JOIN_ROUTES =
  "Add these lines to urls.py below mount_django(urlpatterns); they join its two routes at /rpc:";

/** Recognizes the answer of pyRPC's Django adapter to `GET /rpc`. */
export function isDjangoRefusal(status: number, body: string): boolean {
  return status === 405 && /^\s*\{\s*"error":\s*"Method not allowed"\s*\}\s*$/.test(body);
}
