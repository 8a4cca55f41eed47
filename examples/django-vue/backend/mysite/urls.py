"""URLs of the project."""

from pyrpc_django import mount_django

from guestbook import procedures  # noqa: F401  (registers the procedures)

urlpatterns = []
mount_django(urlpatterns)

# Joins the two routes of the adapter, so that GET /rpc and batches are answered (pyrpc doctor prints these lines).
import json
from django.http import JsonResponse
from django.urls import path
from pyrpc_core import handle_request

names = ("pyrpc-rpc", "pyrpc-introspection")
rpc_post, rpc_get = [each.callback for each in urlpatterns if getattr(each, "name", "") in names]

async def rpc_view(request):
    if request.method == "GET":
        return await rpc_get(request)
    try:
        batch = json.loads(request.body) if request.method == "POST" else None
    except ValueError:
        batch = None
    if not isinstance(batch, list):
        return await rpc_post(request)
    # With a router of your own, give it to handle_request as its second argument.
    return JsonResponse(await handle_request(batch), safe=False)

rpc_view.csrf_exempt = True
urlpatterns.insert(0, path("rpc", rpc_view))
