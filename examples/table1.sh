#!/bin/sh
# Table 1 of Kinli, Ozcan and Kirac 2020: the seven variants of the coarse-to-fine inpainter, trained and scored.
#   sh examples/table1.sh DATA [SIZE [STEPS [OUT]]]
# DATA has the columns `description` and `split` (train, val, test), as `fashiontools import ccp --no-boxes` and `import
# fashiongen` write them. The paper's budget is SIZE 256, STEPS 120000, which is the default and wants a GPU. Further flags of
# `fashiontools train coarse-to-fine`, for all rows: TRAIN_FLAGS="--width 16 --text-width 64 --vgg untrained".
# It can be stopped and run again. It ends by printing the paper's table beside ours.
set -eu

if [ $# -lt 1 ]; then
  echo "usage: sh examples/table1.sh DATA [SIZE [STEPS [OUT]]]" >&2
  exit 2
fi
data=$1 size=${2:-256} steps=${3:-120000} out=${4:-table1}
here=$(dirname "$0")
mkdir -p "$out"

# The same photos and holes for all rows, cut square before anything is scored.
for split in val test; do
  fashiontools export "$data" --where "split=$split" --size "$size" --fit crop -o "$out/$split" -q >/dev/null
  fashiontools mask "$out/$split" --seed 1 -o "$out/$split-holes" -q >/dev/null
done

row() { # name, flags of the row
  name=$1
  shift
  echo "== $name"
  # shellcheck disable=SC2086
  fashiontools train coarse-to-fine "$data" --where split=train --validation "$out/val" --size "$size" \
    --steps "$steps" --seed 1 "$@" ${TRAIN_FLAGS-} -o "$out/$name/run" >/dev/null
  fashiontools inpaint "$out/test-holes" --model "$out/$name/run" --raw -o "$out/$name/raw" -q >/dev/null
  fashiontools inpaint "$out/test-holes" --model "$out/$name/run" --preview -o "$out/$name/pasted" -q >/dev/null
  for kind in raw pasted; do
    fashiontools evaluate "$out/$name/$kind" --metrics l1,l2,ssim,psnr --json -q \
      --per-image "$out/$name/$kind.csv" >"$out/$name/$kind.json"
  done
}

row bn-us --norm batch --upsample bilinear
row in-us --norm instance --upsample bilinear
row bn-tc --norm batch --upsample transpose
row in-tc --norm instance --upsample transpose
row in-tc-cl --norm instance --upsample transpose --content-loss
row in-tc-d --norm instance --upsample transpose --no-descriptions
row in-tc-sa --norm instance --upsample transpose --no-attention

python "$here/table1.py" "$out"
