"""Reads a document with one of the peers: peer.py NAME FILE OUT.md. Only the peer that is named is imported."""

import sys


def main(name, path, out):
    if name == "pymupdf":
        import pymupdf

        with pymupdf.open(path) as document:
            text = "\n".join(page.get_text(sort=True) for page in document)
    elif name == "kreuzberg":
        import kreuzberg

        config = kreuzberg.ExtractionConfig(output_format="markdown", use_cache=False)
        text = kreuzberg.extract_file_sync(path, config=config).content
    elif name == "markitdown":
        import markitdown

        text = markitdown.MarkItDown().convert(path).text_content
    else:
        raise SystemExit(f"there is no peer {name}")
    with open(out, "w", encoding="utf-8") as file:
        file.write(text)


main(*sys.argv[1:])
