"""The API of agencies' own programs: one router per module, from its declaration."""

from ninja import NinjaAPI

from portal import registry

api = NinjaAPI(title="Client portal API", version="1", urls_namespace="api")
for _module in registry.all_modules():
    if _module.api:
        api.add_router(f"/{_module.key}", _module.api)
