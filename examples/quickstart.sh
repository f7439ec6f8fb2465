#!/bin/sh
# The main job on your photos, or on a lookbook drawn on the spot:
#   sh examples/quickstart.sh [PHOTOS]
# dedupe -> mask -> inpaint -> evaluate -> train dcgan (short) -> sample, into ./quickstart.
# Further flags of `fashiontools train dcgan`: TRAIN_FLAGS="--time-limit 10m".
set -eu

case "${1-}" in
  "" | /*) photos=${1-} ;;
  *) photos=$PWD/$1 ;;
esac
cd "$(dirname "$0")/.."
. examples/environment.sh
make_environment .
PATH=$PWD/.venv/bin:$PATH
out=quickstart
mkdir -p "$out"

if [ -z "$photos" ]; then
  echo "== import: a lookbook, drawn on the spot"
  photos=$out/lookbook
  fashiontools import lookbook --products 60 --height 320 --duplicates 0.1 -o "$photos" >/dev/null
elif [ ! -e "$photos" ]; then
  echo "quickstart: $photos: no such folder" >&2
  exit 2
fi

# A folder of an earlier quickstart that was made from other photos is begun anew.
if [ "$(cat "$out/photos.txt" 2>/dev/null)" != "$photos" ]; then
  rm -rf "$out/unique" "$out/holes" "$out/filled" "$out/dcgan" "$out/samples"
  echo "$photos" >"$out/photos.txt"
fi

echo "== dedupe: the copies among $photos"
fashiontools dedupe "$photos" -o "$out/unique" >/dev/null
# A training has one set of photos: where photos came or went, it is begun anew. The other steps do what is new.
if ! cmp -s "$out/unique/manifest.csv" "$out/trained-on.csv"; then
  rm -rf "$out/dcgan"
  cp "$out/unique/manifest.csv" "$out/trained-on.csv"
fi
echo "== mask: a hole in each of at most 150 photos"
fashiontools mask "$out/unique" --limit 150 -o "$out/holes" >/dev/null
echo "== inpaint: the holes filled"
fashiontools inpaint "$out/holes" --model harmonic --preview -o "$out/filled" >/dev/null
echo "== evaluate: the fills against the photos"
fashiontools evaluate "$out/filled" --json >"$out/scores.json"
echo "== train dcgan: ${TRAIN_FLAGS:-75 seconds, which is far too short for a good one}"
# shellcheck disable=SC2086
fashiontools train dcgan "$out/unique" --batch 32 --epochs 1000 --time-limit 75s ${TRAIN_FLAGS-} \
  -o "$out/dcgan" >/dev/null
echo "== sample: new images"
fashiontools sample "$out/dcgan" -n 64 --seed 1 --overwrite -o "$out/samples" >/dev/null

echo
python - "$out/scores.json" <<'PYTHON'
import json
import sys

for score in json.load(open(sys.argv[1], encoding="utf-8"))["scores"]:
    print("{metric:5} {region:6} {mean:9.4f}   95 % interval {low:.4f} to {high:.4f}   n {n}".format(**score))
PYTHON
echo
echo "Look at:"
echo "  $PWD/$out/filled/preview.png              photo, hole, fill"
echo "  $PWD/$out/samples/grid.png                new images (early ones: minutes on a CPU make no good GAN)"
echo "  $PWD/$out/dcgan/real_vs_generated.png     the same beside real photos"
