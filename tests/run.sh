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
exec python -m pytest "$@"
