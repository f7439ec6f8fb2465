#!/bin/sh
# Table 5.2 of Chiaretti 2020: does it help a GAN to crop the garments first? Three trainings of the DCGAN: on the garments
# cut out, on the photos as they are, and on as many photos, drawn at random, as there are cut-out garments.
#   sh examples/cropped_original_subset.sh PHOTOS MODEL [OUT]
# MODEL is a run of `fashiontools train detector` (or `foreground`, for product photos). The thesis keeps what is `full`;
# KEEP="full,upper" keeps more. Its 200 epochs want a GPU: TRAIN_FLAGS="--epochs 20 --generator-width 32". The distances look
# through Inception, which is fetched once; EVALUATE_FLAGS="--features runs/classifier" looks through a run of yours.
# Training and distances see the same squares: FIT=pad, the default, puts white beside a tall crop; `crop` would cut off its
# head and shoes, `stretch` widen it. A run of EVALUATE_FLAGS gets squares of this FIT too, so train it with that --fit.
# PHOTOS has one row a photo. The script can be stopped and run again. It ends by printing the thesis's table beside ours.
set -eu

if [ $# -lt 2 ]; then
  echo "usage: sh examples/cropped_original_subset.sh PHOTOS MODEL [OUT]" >&2
  exit 2
fi
photos=$1 model=$2 out=${3:-cropped-original-subset} fit=${FIT:-pad}
here=$(dirname "$0")
case $fit in
  crop | pad | stretch) ;;
  *)
    echo "FIT=$fit: expected crop, pad or stretch" >&2
    exit 2
    ;;
esac

echo "== detect-crop: ${KEEP:-full}"
fashiontools detect-crop "$photos" --model "$model" --keep "${KEEP:-full}" --preview -o "$out/crops" -q >/dev/null
count=$(python "$here/cropped_original_subset.py" --count "$out/crops")

judge() { # name, reference
  # shellcheck disable=SC2086
  fashiontools evaluate "$out/$1/samples" --reference "$2" --metrics fid,kid ${EVALUATE_FLAGS-} \
    --fit "$fit" --json -q
}

row() { # name, photos, flags that choose from them
  name=$1 chosen=$2
  shift 2
  echo "== $name"
  # shellcheck disable=SC2086
  fashiontools train dcgan "$chosen" "$@" --seed 1 ${TRAIN_FLAGS-} --fit "$fit" -o "$out/$name/run" >/dev/null
  fashiontools export "$chosen" "$@" --seed 1 -o "$out/$name/photos" -q >/dev/null
  fashiontools sample "$out/$name/run" -n "$count" --seed 1 -o "$out/$name/samples" -q >/dev/null
  judge "$name" "$out/$name/photos" >"$out/$name/own.json"
  judge "$name" "$out/crops" >"$out/$name/crops.json"
}

row cropped "$out/crops"
row original "$photos"
row subset "$photos" --limit "$count"

python "$here/cropped_original_subset.py" "$out"
