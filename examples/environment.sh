# Sourced by the scripts: makes .venv in the current folder and installs the package into it.

# make_environment WHAT [PIP-OPTION...]: WHAT is what pip installs, such as `.`; done again only after a change.
make_environment() {
  python=${PYTHON:-python3}
  if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "fashiontools needs Python 3.11 or newer: install it, or name it with PYTHON=/path/to/python3.11" >&2
    exit 1
  fi
  if [ ! -x .venv/bin/python ]; then
    if ! "$python" -m venv .venv 2>/dev/null; then
      rm -rf .venv
      echo "fashiontools needs Python's venv: install it (on Debian and Ubuntu: apt install python3-venv)" >&2
      exit 1
    fi
  fi
  stamp=.venv/installed
  if [ "$(cat "$stamp" 2>/dev/null)" != "$*" ] ||
    [ -n "$(find fashiontools man pyproject.toml -newer "$stamp" -type f ! -name '*.pyc' -print -quit)" ]; then
    echo "== installing into .venv (PyTorch is large: minutes the first time)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "$@"
    echo "$*" >"$stamp"
  fi
}
