#!/bin/sh
# Sets everything up and runs ruff and the tests:
#   sh tests/run.sh [--all] [PYTEST-ARGUMENT...]      --all adds the slow ones
set -eu
cd "$(dirname "$0")/.."
. examples/environment.sh
make_environment -e '.[test]'
PATH=$PWD/.venv/bin:$PATH
export PATH

ruff check .
ruff format --check .
if [ "${1-}" = --all ]; then
  shift
  set -- -m 'not gpu and not network' "$@"
fi
exec python -m pytest "$@"
