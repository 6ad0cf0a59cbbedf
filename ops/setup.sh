#!/usr/bin/env bash
# Installs what a build needs and is missing: a C++ compiler, libclang (RocksDB's bindings), cmake (the crypto library),
# and Rust; and the tools that are named as arguments, as `command` or `command=package`, or `python:module=package`. Does
# nothing where all of it is there.
set -euo pipefail

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Not libclang-cpp, which tools of LLVM bring along: bindgen cannot use it.
has_libclang() {
  [ -n "$(find /usr/lib \( -name 'libclang.so*' -o -name 'libclang-[0-9]*.so*' \) -print -quit)" ]
}

has() {
  case $1 in
    python:*) python3 -c "import ${1#python:}" 2>/dev/null ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

missing=()
command -v c++ >/dev/null || missing+=(g++)
command -v make >/dev/null || missing+=(make)
command -v cmake >/dev/null || missing+=(cmake)
command -v curl >/dev/null || missing+=(curl)
has_libclang || missing+=(libclang-dev clang)
for tool in "$@"; do
  has "${tool%%=*}" || missing+=("${tool##*=}")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing ${missing[*]}"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q "${missing[@]}"
fi

if ! command -v cargo >/dev/null; then
  echo "installing Rust"
  curl --proto '=https' --tlsv1.2 -sSf https://static.rust-lang.org/rustup/rustup-init.sh | sh -s -- -y --profile minimal --default-toolchain none
fi
