"""llama.cpp's own server with random weights: the protocol, grammar-enforced schemas, truncation and retry are real, the text is noise.

`python -m tests.servers.tiny_llm MODEL.gguf PORT CONTEXT SLOTS` serves a model; `make_model` makes one of 2 MB in a second.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

WIDTH, LAYERS, VOCABULARY, HEADS = 128, 2, 3072, 4
MARKS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{m['role']}}\n{{m['content']}}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def make_model(path: Path, texts: Sequence[str], biased: bool = True) -> Path:
    """A llama model of random weights. `biased`: strings end and stay ASCII, by a constant channel that favours quotation marks; else it emits broken UTF-8."""
    import gguf
    import numpy as np

    tokens, merges = _tokenizer(texts)
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("random-tiny")
    writer.add_context_length(16384)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(3 * WIDTH)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.CONTROL if t in MARKS else gguf.TokenType.NORMAL for t in tokens])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
    _weights(writer, np, tokens, biased)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _tokenizer(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """A byte-level BPE of some texts: its tokens in order, and its merges."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=list(MARKS), initial_alphabet=alphabet, show_progress=False))
    content = json.loads(made.to_str())["model"]
    tokens = [token for token, _ in sorted(content["vocab"].items(), key=lambda item: item[1])]
    return tokens, [" ".join(m) if isinstance(m, list) else m for m in content["merges"]]


def _weights(writer: Any, np: Any, tokens: Sequence[str], biased: bool) -> None:
    """Random tensors; channel 0 of the embedding is constant, so that a row of the head is a bias for its token."""
    draw = np.random.default_rng(0)

    def random(*shape: int) -> Any:
        return (draw.standard_normal(shape) * 0.05).astype(np.float16)

    ones = np.ones(WIDTH, np.float32)
    embedding, head = random(len(tokens), WIDTH), random(len(tokens), WIDTH)
    if biased:
        embedding[:, 0], head[:, 0] = 1.0, 0
        for number, token in enumerate(tokens):
            if token in MARKS:
                continue
            if any(ord(c) > 126 and c not in "ĠĊ" for c in token):
                head[number, 0] = -5
            elif '"' in token:
                head[number, 0] = 0.45
            elif token in ("Ċ", "ĉ", "Ġ", "ĠĠ", "ĠĠĠ", "ĠĠĠĠ"):
                head[number, 0] = -1
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output_norm.weight", ones)
    writer.add_tensor("output.weight", head)
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        writer.add_tensor(f"{block}attn_norm.weight", ones)
        writer.add_tensor(f"{block}ffn_norm.weight", ones)
        for name in "qkv":
            writer.add_tensor(f"{block}attn_{name}.weight", random(WIDTH, WIDTH))
        out, down = random(WIDTH, WIDTH), random(WIDTH, 3 * WIDTH)
        if biased:
            out[0], down[0] = 0, 0  # nothing writes into the constant channel
        writer.add_tensor(f"{block}attn_output.weight", out)
        writer.add_tensor(f"{block}ffn_gate.weight", random(3 * WIDTH, WIDTH))
        writer.add_tensor(f"{block}ffn_up.weight", random(3 * WIDTH, WIDTH))
        writer.add_tensor(f"{block}ffn_down.weight", down)


@contextmanager
def serving(model: Path, context: int = 32768, slots: int = 2) -> Iterator[str]:
    """Serve a model in a process of its own; gives its base URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.servers.tiny_llm", str(model), str(port), str(context), str(slots)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/health", process)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError("the tiny server ended before it served")
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the tiny server did not begin to serve")


def main() -> None:
    """Serve until killed."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path, params.port = sys.argv[1], int(sys.argv[2])
    params.hostnames = ["127.0.0.1"] if isinstance(params.hostnames, list) else "127.0.0.1"
    params.n_ctx, params.n_parallel = int(sys.argv[3]), int(sys.argv[4])
    params.cpuparams.n_threads, params.warmup = 1, False  # two wait for each other, spinning, wherever a core is shared
    server = xllamacpp.Server(params)
    print("listening", server.listening_address, flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
