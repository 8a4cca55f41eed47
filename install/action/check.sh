#!/usr/bin/env bash
# The steps of action.yml: runs "pyrpc check" and, with PYRPC_COMMENT=true, comments on the pull request.
set -euo pipefail

# Prefers the version that the project installs.
if npx --no-install pyrpc --version >/dev/null 2>&1; then
  pyrpc=(npx --no-install pyrpc)
elif command -v pyrpc-toolkit >/dev/null 2>&1; then
  pyrpc=(pyrpc-toolkit)
else
  pyrpc=(npx --yes --package="$PYRPC_PACKAGE" pyrpc)
fi

args=()
if [ -n "${PYRPC_OFFLINE:-}" ]; then args+=(--offline "$PYRPC_OFFLINE"); fi
while IFS= read -r folder; do
  if [ -n "$folder" ]; then args+=(--client-root "$folder"); fi
done <<<"${PYRPC_FRONTENDS:-}"
if [ -n "${PYRPC_SOURCE:-}" ]; then args+=(-- "$PYRPC_SOURCE"); fi

code=0
"${pyrpc[@]}" check --format github "${args[@]+"${args[@]}"}" || code=$?

if [ "${PYRPC_COMMENT:-}" = true ]; then
  report=$(mktemp)
  trap 'rm -f "$report"' EXIT
  "${pyrpc[@]}" check --format markdown "${args[@]+"${args[@]}"}" >"$report" 2>&1 || true
  node "$GITHUB_ACTION_PATH/install/action/comment.mjs" "$report"
fi
exit "$code"
