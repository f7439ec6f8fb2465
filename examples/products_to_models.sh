#!/bin/sh
# Farnsworth's thesis (2018), chapter 4.1, from a shop to images: how would this product look when it is worn?
#   sh examples/products_to_models.sh SHOP [OUT]
# SHOP is what `fashiontools scrape shop` takes (a shop's name, or the URL of a list of products), or a folder of photos that
# it, or `import lookbook`, wrote. SCRAPE_FLAGS="--category dresses --limit 500" and the like go to it.
# scrape shop -> label -> cluster-pairs -> train pix2pix -> sample -> evaluate, into ./products-to-models. The images are made
# of products that the training has not seen, and scored beside copies of their product photos.
# The paper's settings want a GPU; TRAIN_FLAGS="--preset laptop --epochs 10" is six minutes of two cores for 3,000 products.
# A shop that does not say which photo shows the product alone: CLUSTER_FLAGS="--product first". Another cluster than the one
# that was proposed (look at OUT/pairs/clusters.png): CLUSTER_FLAGS="--choose 2".
# Products with the same words: WHERE="category=dresses". SEED draws who is trained on. It can be stopped and run again.
set -eu

if [ $# -lt 1 ]; then
  echo "usage: sh examples/products_to_models.sh SHOP [OUT]" >&2
  exit 2
fi
shop=$1 out=${2:-products-to-models} seed=${SEED:-0}

if [ -d "$shop" ]; then
  photos=$shop
else
  echo "== scrape shop: $shop"
  photos=$out/shop
  # shellcheck disable=SC2086
  fashiontools scrape shop "$shop" ${SCRAPE_FLAGS-} -o "$photos" >/dev/null
fi
echo "== label: attributes out of the shop's words"
fashiontools label "$photos" --unmatched "$out/unmatched.csv" --describe -o "$out/labelled" >/dev/null
echo "== cluster-pairs: one full-body front photo for each product"
# shellcheck disable=SC2086
fashiontools cluster-pairs "$out/labelled" ${WHERE:+--where "$WHERE"} --split 0.8 0.1 0.1 --seed "$seed" ${CLUSTER_FLAGS-} \
  -o "$out/pairs" >/dev/null
echo "== train pix2pix: ${TRAIN_FLAGS:-the settings of the paper}"
# shellcheck disable=SC2086
fashiontools train pix2pix "$out/pairs" --seed "$seed" ${TRAIN_FLAGS-} -o "$out/run" >/dev/null
echo "== sample: products that the training has not seen"
fashiontools sample "$out/run" --input "$out/pairs" --where split=test --seed "$seed" -o "$out/worn" >/dev/null
echo "== evaluate: the images, and copies of the product photos, against the worn photos"
size=$(python -c 'import json, sys; print(*(json.load(open(sys.argv[1]))["options"][n] for n in ("size", "fit")))' \
  "$out/run/run.json")
fashiontools export "$out/pairs" --where split=test --size "${size% *}" --fit "${size#* }" -o "$out/copies" -q >/dev/null
for name in worn copies; do
  fashiontools evaluate "$out/$name" --metrics psnr,ssim,l1 --json -q >"$out/$name.json"
done

python - "$out" <<'PYTHON'
import json
import sys

for name, told in (("worn", "images"), ("copies", "copies of the input")):
    for score in json.load(open(f"{sys.argv[1]}/{name}.json", encoding="utf-8"))["scores"]:
        print("{told:20} {metric:5} {mean:8.4f}   95 % interval {low:.4f} to {high:.4f}   n {n}".format(told=told, **score))
PYTHON
echo
echo "Look at:"
echo "  $out/pairs/clusters.png    the clusters, and which of them was taken for full-body photos"
echo "  $out/worn/grid.png         product, image, worn photo"
