#!/bin/sh
# Installs pyrpc: curl -fsSL https://github.com/pyrpc/toolkit/releases/latest/download/install.sh | sh
#   sh install.sh [--version X.Y.Z] [--to FOLDER]
# To remove it: delete the files "pyrpc" and "pyrpc-toolkit" from that folder (default ~/.local/bin).
# PYRPC_DOWNLOAD_URL is the address of a mirror: a folder with SHA256SUMS and the archives.
set -eu

releases="https://github.com/pyrpc/toolkit/releases"

fail() {
  printf 'error: %s\n' "$1" >&2
  [ -z "${2:-}" ] || printf '  fix: %s\n' "$2" >&2
  exit 1
}

usage() {
  printf 'usage: install.sh [--version X.Y.Z] [--to FOLDER]\n'
}

download() { # URL FILE
  if command -v curl >/dev/null 2>&1; then
    # A mirror may use http; redirects must lead to https, so that no one on the way can replace archive and checksums.
    curl -fsSL --retry 2 --proto '=https,http' --proto-redir '=https' -o "$2" "$1"
  elif command -v wget >/dev/null 2>&1; then
    download_with_wget "$1" "$2"
  else
    fail "Neither curl nor wget is installed" "Install one of them"
  fi
}

# wget follows every redirect: its headers show where it went.
download_with_wget() { # URL FILE
  headers=$(LC_ALL=C wget -S -O "$2" "$1" 2>&1) || return 1
  if printf '%s\n' "$headers" | grep -qi '^ *location: *http:'; then
    rm -f "$2"
    printf 'error: %s redirects to an address without TLS\n' "$1" >&2
    return 1
  fi
}

sha256_of() { # FILE
  if command -v sha256sum >/dev/null 2>&1; then
    sha256sum <"$1" | cut -d ' ' -f 1
  elif command -v shasum >/dev/null 2>&1; then
    shasum -a 256 <"$1" | cut -d ' ' -f 1
  elif command -v openssl >/dev/null 2>&1; then
    openssl dgst -sha256 -r <"$1" | cut -d ' ' -f 1
  else
    fail "No program for SHA-256 is installed" "Install coreutils or openssl"
  fi
}

is_musl() {
  # The loader decides: a system may have the ldd of one C library and run the other.
  if [ -e /lib64/ld-linux-x86-64.so.2 ] || [ -e /lib/ld-linux-aarch64.so.1 ]; then return 1; fi
  for loader in /lib/ld-musl-*; do
    [ -e "$loader" ] && return 0
  done
  return 1
}

find_target() {
  system=$(uname -s)
  machine=$(uname -m)
  case "$machine" in
    x86_64 | amd64) cpu=x86_64 ;;
    aarch64 | arm64) cpu=aarch64 ;;
    *) fail "No executable for the processor \"$machine\"" "Install the package for Node.js: npm install @pyrpc/client" ;;
  esac
  case "$system" in
    Darwin)
      # Under Rosetta, uname reports x86_64 on an Apple processor.
      if [ "$cpu" = x86_64 ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || true)" = 1 ]; then cpu=aarch64; fi
      printf '%s-apple-darwin' "$cpu"
      ;;
    Linux)
      if is_musl; then printf '%s-unknown-linux-musl' "$cpu"; else printf '%s-unknown-linux-gnu' "$cpu"; fi
      ;;
    MINGW* | MSYS* | CYGWIN*) fail "This installer is for macOS and Linux" "Use install.ps1 in PowerShell" ;;
    *) fail "No executable for the system \"$system\"" "Install the package for Node.js: npm install @pyrpc/client" ;;
  esac
}

main() {
  version=""
  to=""
  while [ $# -gt 0 ]; do
    case "$1" in
      --version | --to)
        if [ -z "${2:-}" ]; then fail "$1 needs a value"; fi
        if [ "$1" = --version ]; then version=${2#v}; else to=$2; fi
        shift 2
        ;;
      -h | --help)
        usage
        exit 0
        ;;
      *)
        usage >&2
        exit 2
        ;;
    esac
  done
  if [ -z "$to" ]; then
    [ -n "${HOME:-}" ] || fail "HOME is not set" "Choose a folder: --to FOLDER"
    to="$HOME/.local/bin"
  fi
  target=$(find_target)
  if [ -n "${PYRPC_DOWNLOAD_URL:-}" ]; then
    base=${PYRPC_DOWNLOAD_URL%/}
  elif [ -n "$version" ]; then
    base="$releases/download/v$version"
  else
    base="$releases/latest/download"
  fi

  work=$(mktemp -d)
  staged=""
  trap 'rm -rf "$work"; [ -z "$staged" ] || rm -f "$staged"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP

  download "$base/SHA256SUMS" "$work/SHA256SUMS" || fail "$base/SHA256SUMS cannot be downloaded" "Check the network, and that this version exists"
  archive=""
  wanted=""
  while read -r sum name; do
    case "$name" in
      pyrpc-*-"$target".tar.gz) ;;
      *) continue ;;
    esac
    if [ -z "$version" ] || [ "$name" = "pyrpc-$version-$target.tar.gz" ]; then
      archive=$name
      wanted=$sum
    fi
  done <"$work/SHA256SUMS"
  [ -n "$archive" ] || fail "This release has no archive ${version:+of version $version }for $target" "All versions and their archives: $releases"
  download "$base/$archive" "$work/$archive" || fail "$base/$archive cannot be downloaded" "Try again"
  found=$(sha256_of "$work/$archive")
  [ "$found" = "$wanted" ] || fail "The checksum of $archive differs from SHA256SUMS: expected $wanted, found $found" "Nothing was installed; try again"

  tar -xzf "$work/$archive" -C "$work" || fail "$archive cannot be unpacked"
  mkdir -p "$to" || fail "$to cannot be created" "Choose a folder: --to FOLDER"
  # Copied to the same folder and renamed, so that a running pyrpc is not disturbed.
  staged="$to/.pyrpc.$$"
  cp "$work/${archive%.tar.gz}/pyrpc" "$staged" || fail "$to cannot be written to" "Choose a folder: --to FOLDER"
  chmod 755 "$staged"
  "$staged" --version >/dev/null 2>"$work/messages" || {
    cat "$work/messages" >&2
    case "$target" in
      *-musl) fail "The executable does not start" "It needs libstdc++: apk add libstdc++" ;;
      *) fail "The executable does not start on this system" "Install the package for Node.js: npm install @pyrpc/client" ;;
    esac
  }
  mv -f "$staged" "$to/pyrpc"
  staged=""
  ln -sf pyrpc "$to/pyrpc-toolkit"

  printf '%s installed as %s\n' "$("$to/pyrpc" --version)" "$to/pyrpc"
  printf 'To remove it: rm "%s" "%s"\n' "$to/pyrpc" "$to/pyrpc-toolkit"
  case ":${PATH:-}:" in
    *":$to:"*)
      first=$(command -v pyrpc || true)
      [ "$first" = "$to/pyrpc" ] || printf 'note: "pyrpc" is %s here; "pyrpc-toolkit" is this one\n' "$first"
      ;;
    *) printf 'note: %s is not on PATH; add it: export PATH="%s:%sPATH"\n' "$to" "$to" '$' ;;
  esac
}

# Called at the end, so that a truncated download does nothing.
main "$@"
