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
if [ "${PYRPC_COMMENT:-}" = true ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  report=$folder/report.md
  "${pyrpc[@]}" check --format github --markdown-file "$report" "${args[@]+"${args[@]}"}" \
    2>"$folder/errors" || code=$?
  cat "$folder/errors" >&2
  # An error that ended the check is its report.
  if [ ! -s "$report" ]; then
    { printf '### ❌ pyrpc check\n\n' && sed 's/^/    /' "$folder/errors"; } >"$report"
  fi
  node "$GITHUB_ACTION_PATH/install/action/comment.mjs" "$report"
else
  "${pyrpc[@]}" check --format github "${args[@]+"${args[@]}"}" || code=$?
fi
exit "$code"
