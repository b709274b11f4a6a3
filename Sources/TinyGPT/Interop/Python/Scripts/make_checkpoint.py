"""Makes a checkpoint of this folder for nanoGPT: python make_checkpoint.py NANOGPT [NAME]

In nanoGPT's folder it writes out-NAME/ckpt.pt and data/NAME/meta.pkl, the characters (NAME is tinygpt unless given), and
overwrites neither. Then, there: python sample.py --out_dir=out-NAME --device=cpu
"""
import json
import pathlib
import pickle
import sys

import torch
from safetensors.torch import load_file

if len(sys.argv) not in (2, 3):
    sys.exit(__doc__)
here, nanogpt = pathlib.Path(__file__).parent, pathlib.Path(sys.argv[1])
name = sys.argv[2] if len(sys.argv) == 3 else "tinygpt"
if not (nanogpt / "sample.py").is_file():
    sys.exit(f"{nanogpt} is not nanoGPT's folder: there is no sample.py in it")
checkpoint_file, meta_file = nanogpt / f"out-{name}" / "ckpt.pt", nanogpt / "data" / name / "meta.pkl"
for file in (checkpoint_file, meta_file):
    if file.exists():
        sys.exit(f"{file} exists and is not overwritten; give another NAME")
description = json.loads((here / "config.json").read_text("utf-8"))
sizes, characters = description["configuration"], description["vocabulary"]

weights = load_file(here / "model.safetensors")
# There the head and the embedding are one matrix under two names.
weights["lm_head.weight"] = weights["transformer.wte.weight"]
checkpoint = {
    "model": weights,
    "model_args": {
        "n_layer": sizes["layers"], "n_head": sizes["heads"], "n_embd": sizes["width"], "block_size": sizes["context"],
        "bias": sizes["bias"], "vocab_size": sizes["vocabulary"], "dropout": sizes["dropout"],
    },
    "config": {"dataset": name},
}
meta = {
    "vocab_size": len(characters), "itos": dict(enumerate(characters)),
    "stoi": {character: token for token, character in enumerate(characters)},
}
for file, write in [
    (checkpoint_file, lambda output: torch.save(checkpoint, output)), (meta_file, lambda output: pickle.dump(meta, output)),
]:
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(file, "xb") as output:
        write(output)
    print(f"wrote {file}")
