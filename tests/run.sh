#!/bin/sh
# Sets everything up (as root also Debian's Chromium, where there is no browser) and runs ruff and the tests:
#   sh tests/run.sh [--all] [PYTEST-ARGUMENT...]      --all adds the slow ones
set -eu
cd "$(dirname "$0")/.."
. examples/environment.sh
make_environment -e '.[test]'
if ! command -v chromium || ! command -v chromedriver; then
  if [ "$(id -u)" = 0 ] && command -v apt-get; then
    export DEBIAN_FRONTEND=noninteractive
    { apt-get -q update && apt-get -q install -y --no-install-recommends chromium chromium-driver; } ||
      echo "tests/run.sh: Chromium could not be installed" >&2
  else
    echo "tests/run.sh: no chromium and chromedriver; without any Chrome the tests that need one are skipped" >&2
  fi
fi >/dev/null
PATH=$PWD/.venv/bin:$PATH
export PATH

ruff check .
ruff format --check .
exec python -m pytest "$@"
