"""Odd inputs: the table, as text and as Parquet, and several files."""

from __future__ import annotations

import pyarrow as pa

from tests.cli.cases import Case, loss, parquet, right, table, unclear, wrong

HEADER = "label,p_a,p_b"
ROWS = ("a,0.75,0.25", "b,0.375,0.625")
GOOD = table(HEADER, *ROWS)
SCORE = loss(0.75, 0.625)
BOM = b"\xef\xbb\xbf"
PARQUET = parquet({"label": ["a", "b"], "p_a": [0.75, 0.375], "p_b": [0.25, 0.625]})

EMPTY = [
    wrong("empty-file", b"", "no rows"),
    wrong("header-only", table(HEADER), "no rows"),
    wrong("header-only-without-newline", HEADER, "no rows"),
    wrong("header-and-blank-lines", table(HEADER) + "\n\r\n\n", "no rows"),
    wrong("only-newlines", "\n\n\n", "no rows"),
    wrong("only-crlf", "\r\n\r\n", "no rows"),
    wrong("only-a-bom", BOM, "no rows"),
    wrong("only-a-bom-and-newlines", BOM + b"\n\n", "no rows"),
    wrong("header-only-one-column", table("label,prob"), "no rows"),
    wrong("parquet-without-rows", parquet({"label": pa.array([], pa.string()), "p_a": pa.array([], pa.float64()),
                                           "p_b": pa.array([], pa.float64())}), "no rows"),
    wrong("parquet-without-row-groups", parquet(pa.schema(
        [("label", pa.string()), ("p_a", pa.float64()), ("p_b", pa.float64())]).empty_table()), "no rows"),
    unclear("parquet-without-columns", parquet(pa.table({})), "no label column"),
]  # fmt: skip

NO_HEADER = [
    unclear("no-header-binary", table("1,0.75", "0,0.375"), "looks like data", "header"),
    unclear("no-header-text-label", table("cat,0.75,0.25", "dog,0.375,0.625"), "looks like data", "header"),
    unclear("no-header-repeated-number", table("a,0.5,0.5", "b,0.25,0.75"), "looks like data", "header"),
    unclear("no-header-exponents", table("a,7.5e-1,2.5e-1", "b,0.25,0.75"), "looks like data", "header"),
    unclear("no-header-repeated-word", table("a,a,0.5", "b,a,0.25"), "looks like data", "header"),
]  # fmt: skip

RAGGED = [
    wrong("row-too-short", table(HEADER, *ROWS, "a,0.75"), "2 fields", "3", place="line 4"),
    wrong("row-too-long", table(HEADER, *ROWS, "a,0.75,0.25,x"), "4 fields", "3", place="line 4"),
    wrong("row-too-long-by-a-comma", table(HEADER, *ROWS, "a,0.75,0.25,"), "4 fields", "3", place="line 4"),
    wrong("row-too-short-at-the-end", table(HEADER, *ROWS) + "a,0.75", "2 fields", "3", place="line 4"),
    wrong("row-of-one-word", table(HEADER, *ROWS, "total"), "1 field", "3", place="line 4"),
    wrong("row-of-spaces", table(HEADER, *ROWS, "  "), "1 field", "3", place="line 4"),
    wrong("every-row-with-one-more", table(HEADER, "0,a,0.75,0.25", "1,b,0.375,0.625"), "4 fields", "3",
          "the header lacks a name", place="line 2"),
    wrong("row-too-short-after-blank-lines", table(HEADER, "", ROWS[0], "", "", "a,0.75"), "2 fields",
          place="line 6"),
    wrong("row-too-short-after-quoted-newlines", table("note,label,p_a,p_b", '"x\ny\nz",a,0.75,0.25', "n,a,0.75"),
          "3 fields", "4", place="line 5"),
    wrong("row-too-short-after-a-tall-header", table('label,p_a,p_b,"a\ncomment"', "a,0.75,0.25,", "a,0.75"),
          "2 fields", "4", place="line 4"),
    wrong("row-too-short-crlf", table(HEADER, *ROWS, "a,0.75", end="\r\n"), "2 fields", place="line 4"),
    wrong("row-too-short-cr", table(HEADER, *ROWS, "a,0.75", end="\r"), "2 fields", place="line 4"),
    wrong("text-after-the-table", table(HEADER, *ROWS, "", "mean,0.5"), "2 fields", place="line 5"),
    wrong("comma-in-a-number", table("label,prob", "1,0,75", "0,0,375"), "3 fields", "2", place="line 2"),
]  # fmt: skip

NAMES = [
    unclear("duplicate-columns", table("label,p_a,p_b,p_a", "a,0.5,0.5,0.5"), '"p_a"', "2, 4"),
    unclear("duplicate-columns-unused", table("x,label,x,p_a,p_b,x", "1,a,2,0.5,0.5,3"), '"x"', "1, 3, 6"),
    unclear("duplicate-labels", table("label,label,p_a,p_b", "a,a,0.5,0.5"), '"label"', "1, 2"),
    unclear("duplicate-columns-parquet",
            parquet(pa.Table.from_arrays([pa.array(["a"]), pa.array([0.5]), pa.array([0.5])], ["label", "p",
                  "p"])),
            '"p"', "2, 3"),
    right("unnamed-first-column", table("," + HEADER, "0,a,0.75,0.25", "1,b,0.375,0.625"), log_loss=SCORE),
    right("two-unnamed-columns", table(f",{HEADER},", "0,a,0.75,0.25,", "1,b,0.375,0.625,"), log_loss=SCORE),
    right("unused-columns-of-any-kind",
          table(HEADER + ",note,when,n", 'a,0.75,0.25,"x, y",2024-01-01,NaN', "b,0.375,0.625,,,1_0"),
                log_loss=SCORE),
    right("unused-columns-parquet",
          parquet({"id": [{"x": [1]}, None], "label": ["a", "b"], "p_a": [0.75, 0.375], "p_b": [0.25, 0.625]}),
          log_loss=SCORE),
    right("quoted-header", table('"label","p_a","p_b"', *ROWS), log_loss=SCORE),
    right("header-with-newline", table('label,"p_a\nx",p_b', *ROWS), "--prob", "p_a\nx", "--prob", "p_b",
          "--classes", "a,b", log_loss=SCORE),
    unclear("header-hostile", table("\x1b[31mlabel,p_a,p_b", "a,0.5,0.5"), "\\x1b[31mlabel"),
]  # fmt: skip

DELIMITERS = [
    right("semicolons", GOOD.replace(",", ";"), log_loss=SCORE),
    right("tabs", GOOD.replace(",", "\t"), log_loss=SCORE),
    right("pipes", GOOD.replace(",", "|"), log_loss=SCORE),
    right("semicolons-with-commas-in-a-name", table('label;"p_a,x";p_b', '"a,x";0.75;0.25', "b;0.375;0.625"),
          rows={"a,x": 1, "b": 1}, log_loss=SCORE),
    right("delimiter-asked-for", GOOD.replace(",", ":"), "--delimiter", ":", log_loss=SCORE),
    right("delimiter-tab-by-name", GOOD.replace(",", "\t"), "--delimiter", "tab", log_loss=SCORE),
    right("delimiter-wins-over-the-header", table("label;p_a;p_b;x,y,z,t,u", "a;0.75;0.25;,,,,",
          "b;0.375;0.625;,,,,"),
          "--delimiter", ";", log_loss=SCORE),
    unclear("colons", GOOD.replace(",", ":"), "--delimiter"),
    right("spaces", GOOD.replace(",", " "), log_loss=SCORE),
    unclear("delimiter-wrong", GOOD, "label,p_a,p_b", arguments=["--delimiter", ";"]),
    unclear("delimiter-of-two", GOOD, "--delimiter", arguments=["--delimiter", "::"]),
    unclear("delimiter-empty", GOOD, "--delimiter", arguments=["--delimiter", ""]),
    unclear("delimiter-quote", GOOD, "--delimiter", arguments=["--delimiter", '"']),
    unclear("delimiter-beyond-ascii", GOOD, "--delimiter", arguments=["--delimiter", "§"]),
    wrong("decimal-commas", table("label;p_a;p_b", "a;0.75;0.25", "b;0,375;0,625"), '"0,375"', "decimal comma",
          place="line 3", column="p_a"),
    wrong("decimal-commas-one-column", table("label;prob", "1;0,75", "0;0,375"), '"0,75"', "decimal comma",
          "1 more", "line 3", place="line 2", column="prob"),
]  # fmt: skip

QUOTES = [
    right("quoted-fields", table(HEADER, '"a","0.75","0.25"', '"b",0.375,"0.625"'), log_loss=SCORE),
    right("quoted-newlines", table("note," + HEADER, '"x\n\ny\n",a,0.75,0.25', '"\n",b,0.375,0.625'),
          log_loss=SCORE),
    right("quoted-newline-in-a-label", table(HEADER, '"a",0.75,0.25', '"b",0.375,0.625'), log_loss=SCORE),
    right("doubled-quotes", table("note," + HEADER, '"say ""a"", b",a,0.75,0.25', '"""",b,0.375,0.625'),
          log_loss=SCORE),
    right("stray-quotes", table("note," + HEADER, '5" pipe,a,0.75,0.25', 'x"y",b,0.375,0.625'), log_loss=SCORE),
    right("stray-quote-odd", table("note," + HEADER, '5" pipe,a,0.75,0.25', "x,b,0.375,0.625"), log_loss=SCORE),
    wrong("text-after-a-closing-quote", table(HEADER, ROWS[0], 'a,"0.5"1,0.49'), '"0.5"1',
          "after its closing quote", "doubled", place="line 3", column="p_a"),
    wrong("text-after-the-quotes-of-a-label", table(HEADER, '"a"x,0.75,0.25', '"b"x,0.5,0.5', ROWS[1]), '"a"x',
          "1 more line", "line 3", place="line 2", column="label"),
    wrong("text-after-the-quotes-of-an-unused-field", table("note," + HEADER, '"say "hi"",a,0.75,0.25'),
          '"say "hi""', place="line 2", column="note"),
    wrong("text-after-the-quotes-of-a-header", table('label,"p_a"x,p_b', *ROWS), '"p_a"x', place="line 1"),
    wrong("json-not-quoted", table(HEADER + ",note", 'a,0.75,0.25,"{"k": 1}"'),
          "after its closing quote", "doubled", place="line 2", column="note"),
    wrong("quotes-escaped-by-backslash", table("note," + HEADER, '"5\\" pipe",a,0.75,0.25'),
          '"5\\" pipe"', "doubled", place="line 2", column="note"),
    wrong("space-after-a-closing-quote", table(HEADER, '"a" ,0.75,0.25'), "spaces after its closing quote",
          place="line 2", column="label"),
    wrong("text-after-a-closing-quote-after-quoted-newlines",
          table("note," + HEADER, '"x\n\ny",a,0.75,0.25', "", 'n,"b"b,0.375,0.625'), '"b"b', place="line 6",
          column="label"),
    wrong("text-after-a-closing-quote-far-down", table(HEADER, *ROWS * 50_000, 'a,"0.5"1,0.49'), '"0.5"1',
          place="line 100002", column="p_a"),
    wrong("unclosed-quote", table("note," + HEADER, "x,a,0.75,0.25", '"y,b,0.375,0.625', "z,b,0.375,0.625"),
          "never closed", place="line 3"),
    wrong("unclosed-quote-after-quoted-newlines",
          table("note," + HEADER, '"x\ny",a,0.75,0.25', "", 'z,"b,0.375,0.625'), "never closed", place="line 5"),
    wrong("unclosed-quote-after-a-newline-inside",
          table("note," + HEADER, 'x,a,0.75,0.25', '"x\ny",b,0.375,"0.625', "z,b,0.375,0.625"), "never closed",
          place="line 4"),
    wrong("unclosed-quote-in-the-header", table('label,p_a,"p_b', *ROWS), "never closed", place="line 1"),
    wrong("unclosed-quote-in-the-last-field", table(HEADER, *ROWS) + 'a,0.75,"0.25', "never closed",
          place="line 4"),
    wrong("error-after-quoted-newlines", table("note," + HEADER, '"x\n\ny",a,0.75,0.25', "", "n,b,0.375,x"), '"x"',
          place="line 6", column="p_b"),
    wrong("value-after-quoted-newlines", table("note," + HEADER, '"x\n\ny",a,0.75,0.25', "", "n,b,0.375,7"), "7.0",
          place="line 6", column="p_b"),
    wrong("value-after-crlf-in-quotes", table("note," + HEADER, '"x\r\n\r\ny",a,0.75,0.25', "", "n,b,0.375,7",
                                              end="\r\n"), "7.0", place="line 6", column="p_b"),
]  # fmt: skip

LINES = [
    right("last-line-without-newline", GOOD.rstrip("\n"), log_loss=SCORE, notices=["no_final_newline"],
          says=["p_b"]),
    right("last-line-without-newline-unused-field", table(HEADER + ",note", ROWS[0] + ",x") + ROWS[1] + ",y",
          log_loss=SCORE),
    right("last-line-ends-with-cr", table(HEADER, *ROWS, end="\r"), log_loss=SCORE),
    right("crlf", table(HEADER, *ROWS, end="\r\n"), log_loss=SCORE),
    right("mixed-ends", f"{HEADER}\r\n{ROWS[0]}\n{ROWS[1]}\r\n", log_loss=SCORE),
    right("mixed-ends-cr", f"{HEADER}\n{ROWS[0]}\r{ROWS[1]}\n", log_loss=SCORE),
    wrong("value-after-mixed-ends", f"{HEADER}\r\n{ROWS[0]}\n{ROWS[1]}\r\n{ROWS[1]}\na,7,0\n", "7.0",
          place="line 5",
          column="p_a"),
    wrong("value-after-cr-ends", table(HEADER, *ROWS, "a,7,0", end="\r"), "7.0", place="line 4", column="p_a"),
    right("blank-lines", f"\n\n{HEADER}\n\n{ROWS[0]}\n\n\n{ROWS[1]}\n\n", log_loss=SCORE),
    right("blank-lines-crlf", f"\r\n{HEADER}\r\n\r\n{ROWS[0]}\r\n\r\n{ROWS[1]}\r\n\r\n", log_loss=SCORE),
    wrong("value-after-blank-lines", f"\n{HEADER}\n\n{ROWS[0]}\n\n\na,7,0\n", "7.0", place="line 7", column="p_a"),
    wrong("value-after-blank-lines-crlf", f"\r\n{HEADER}\r\n\r\n{ROWS[0]}\r\n\r\na,7,0\r\n", "7.0", place="line 6",
          column="p_a"),
    wrong("word-after-blank-lines", f"\n{HEADER}\n\n{ROWS[0]}\n\n\na,x,0\n", '"x"', place="line 7", column="p_a"),
    wrong("label-of-a-blank-row", table(HEADER, *ROWS, ",,"), "missing", place="line 4", column="label"),
    right("label-type-changes-late",
          table("label,p_0,p_1,p_cat", *["0,0.5,0.25,0.25", "1,0.25,0.5,0.25"] * 15_000, "cat,0.25,0.25,0.5"),
          rows={"0": 15_000, "1": 15_000, "cat": 1}, log_loss=loss(0.5), notices=["label_is_prediction"]),
    right("number-type-changes-late", table("label,p_0,p_1", *["0,1,0", "1,0,1"] * 15_000, "1,0.25,0.75",
          "0,1e0,0e9"),
          log_loss=loss(0.75) / 30_002, notices=["label_is_prediction"]),
    wrong("word-far-down", table(HEADER, *ROWS * 50_000, "a,x,0.5"), '"x"', place="line 100002", column="p_a"),
    wrong("value-far-down", table(HEADER, *ROWS * 50_000, "a,7,0.5"), "7.0", place="line 100002", column="p_a"),
    wrong("label-far-down", table(HEADER, *ROWS * 50_000, "c,0.5,0.5"), '"c"', place="line 100002",
          column="label"),
    right("field-longer-than-a-block", table("note," + HEADER, f"{'x' * 3_000_000},a,0.75,0.25",
          "n,b,0.375,0.625"),
          log_loss=SCORE),
    wrong("value-after-a-long-field", table("note," + HEADER, f'"{"x" * 200_000}",a,0.75,0.25', "n,b,0.375,7"),
          "7.0",
          place="line 3", column="p_b"),
    wrong("value-after-a-tall-field", table("note," + HEADER, f'"{"x" + chr(10) * 200_000}",a,0.75,0.25',
          "n,b,0.375,7"),
          "7.0", place="line 200003", column="p_b"),
    right("quoted-field-longer-than-a-block",
          table("note," + HEADER, f'"{"x,y" + chr(10) * 1_500_000}",a,0.75,0.25', "n,b,0.375,0.625"),
                log_loss=SCORE),
    right("header-longer-than-a-block", table(f"label,p_a,p_b,{'x' * 1_500_000}", "a,0.75,0.25,",
          "b,0.375,0.625,"),
          log_loss=SCORE),
]  # fmt: skip

K = 10_000
WIDE = [
    right("ten-thousand-classes",
          table("label," + ",".join(f"p_c{k}" for k in range(K)),
                *[f"c{k}," + ",".join("0.5" if j == k else "5e-05" for j in range(K)) for k in (0, K - 1)]),
          "--normalize", log_loss=loss(0.5 / (0.5 + (K - 1) * 5e-05)), accuracy=1.0,
          notices=["row_sum_effect", "class_without_rows"]),
]  # fmt: skip

ENCODINGS = [
    right("bom", BOM + GOOD.encode(), log_loss=SCORE),
    right("bom-before-a-quoted-header", BOM + table('"label","p_a","p_b"', *ROWS).encode(), log_loss=SCORE),
    right("bom-and-crlf", BOM + table(HEADER, *ROWS, end="\r\n").encode(), log_loss=SCORE),
    *[
        wrong(f"{encoding}-with-bom", mark + GOOD.encode(encoding), name)
        for encoding, mark, name in (
            ("utf-16-le", b"\xff\xfe", "UTF-16"), ("utf-16-be", b"\xfe\xff", "UTF-16"),
            ("utf-32-le", b"\xff\xfe\x00\x00", "UTF-32"), ("utf-32-be", b"\x00\x00\xfe\xff", "UTF-32"),
        )
    ],
    wrong("utf-16-without-bom", GOOD.encode("utf-16-le"), "UTF-16"),
    wrong("utf-16-be-without-bom", GOOD.encode("utf-16-be"), "UTF-16"),
    wrong("invalid-byte", table(HEADER, *ROWS).encode() + b"caf\xe9,0.75,0.25\n", "byte 4", "0xe9", "UTF-8",
          place="line 4"),
    wrong("invalid-byte-in-the-header", b"label,p_\xe9,p_b\na,0.5,0.5\n", "byte 9", "0xe9", place="line 1"),
    wrong("invalid-byte-in-an-unused-column", table("note," + HEADER, "x,a,0.75,0.25").encode()
          + b"na\xefve,b,0.375,0.625\n", "byte 3", "0xef", place="line 3"),
    wrong("invalid-byte-after-blank-and-quoted-lines",
          table("note," + HEADER, '"x\ny",a,0.75,0.25', "").encode() + b'"\n\xff",b,0.375,0.625\n', "byte 1",
                "0xff",
          place="line 6"),
    wrong("invalid-byte-in-a-cr-file", table(HEADER, *ROWS, end="\r").encode() + b"\xff,0.75,0.25\r", "byte 1",
          "0xff", place="line 4"),
    wrong("overlong-utf-8", table(HEADER).encode() + b"\xc0\x80,0.75,0.25\n", "byte 1", "0xc0", place="line 2"),
    wrong("utf-8-cut-at-the-end", table(HEADER, *ROWS).encode() + b"\xc3", "0xc3", place="line 4"),
    right("utf-8", table("étiquette,prob_café,prob_茶", "café,0.75,0.25", "茶,0.375,0.625"),
          "--label", "étiquette",
          rows={"café": 1, "茶": 1}, log_loss=SCORE),
    right("nul-in-a-label", table("label,p_a\x00x,p_b", "a\x00x,0.75,0.25", "b,0.375,0.625"),
          rows={"a\x00x": 1, "b": 1}, log_loss=SCORE),
    wrong("nul-in-an-unknown-label", table(HEADER, "a\x00x,0.75,0.25"), '"a\\x00x"', place="line 2",
          column="label"),
    wrong("a-picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "byte 1", "0x89", place="line 1"),
]  # fmt: skip

PARQUET_FILES = [
    right("parquet", PARQUET, log_loss=SCORE, rows={"a": 1, "b": 1}),
    right("parquet-many-row-groups",
          parquet({"label": ["a", "b"] * 500, "p_a": [0.75, 0.375] * 500, "p_b": [0.25, 0.625] * 500},
                  row_group_size=7), log_loss=SCORE, rows={"a": 500, "b": 500}, notices=["label_is_prediction"]),
    right("parquet-different-dictionaries",
          parquet({"label": pa.chunked_array([["a", "a"], ["b"], ["c", "b"], ["a"]]).dictionary_encode(),
                   "p_c": [0.125] * 6, "p_a": [0.5] * 6, "p_b": [0.375] * 6}, row_group_size=2),
          rows={"c": 1, "a": 3, "b": 2}, log_loss=loss(0.5, 0.5, 0.375, 0.125, 0.375, 0.5)),
    wrong("value-in-a-later-row-group",
          parquet({"label": ["a"] * 9, "p_a": [0.75] * 8 + [7.0], "p_b": [0.25] * 9}, row_group_size=4), "7.0",
          place="row 8", column="p_a"),
    wrong("values-in-several-row-groups",
          parquet({"label": ["a"] * 9, "p_a": [0.75, 3.0] * 4 + [7.0], "p_b": [0.25] * 9}, row_group_size=4),
                "3.0",
          "4 more", "row 3", "row 8", place="row 1", column="p_a"),
    wrong("parquet-cut", PARQUET[: len(PARQUET) // 2], "damaged"),
    wrong("parquet-without-footer", PARQUET[:-8], "damaged"),
    wrong("parquet-magic-only", b"PAR1", "damaged"),
    wrong("parquet-magic-twice", b"PAR1" + b"\0" * 40 + b"PAR1", "damaged"),
    wrong("parquet-footer-flipped", PARQUET[:-40] + bytes(b ^ 0xFF for b in PARQUET[-40:-8]) + PARQUET[-8:],
          "damaged"),
    *[
        right(f"parquet-{codec}", parquet(
            {"label": ["a", "b"], "p_a": [0.75, 0.375], "p_b": [0.25, 0.625]}, compression=codec), log_loss=SCORE)
        for codec in ("none", "gzip", "zstd", "brotli", "lz4")
    ],
]  # fmt: skip

TWO_FILES = [
    right("two-files", GOOD, "more.csv", files={"more.csv": table(HEADER, "a,0.5,0.5").encode()},
          rows={"a": 2, "b": 1}, log_loss=loss(0.75, 0.625, 0.5), ties=1, notices=["ties"]),
    right("two-files-columns-in-another-order", GOOD, "more.csv",
          files={"more.csv": table("p_b,label,p_a", "0.75,a,0.25").encode()},
          rows={"a": 2, "b": 1}, log_loss=loss(0.75, 0.625, 0.25)),
    right("a-text-and-a-parquet-file", GOOD, "more.parquet", files={"more.parquet": PARQUET}, log_loss=SCORE,
          rows={"a": 2, "b": 2}),
    right("a-glob", GOOD, "shards/*.csv", files={"shards/1.csv": GOOD.encode(), "shards/2.csv": GOOD.encode()},
          rows={"a": 3, "b": 3}, log_loss=SCORE),
    right("the-same-file-twice", GOOD, "preds.csv", rows={"a": 2, "b": 2}, log_loss=SCORE, notices=["same_file"],
          says=["preds.csv"]),
    right("a-second-class-only-in-the-second-file", table("label,prob", "1,0.75"), "more.csv",
          files={"more.csv": table("label,prob", "0,0.375").encode()}, rows={"0": 1, "1": 1}, log_loss=SCORE),
    wrong("files-of-other-classes", GOOD, "has also c", "lacks b", arguments=["more.csv"],
          files={"more.csv": table("label,p_a,p_c", "a,0.75,0.25").encode()}),
    wrong("files-of-other-kinds", GOOD, "more.csv", arguments=["more.csv"],
          files={"more.csv": table("label,logit_a,logit_b", "a,0,0").encode()}),
    wrong("second-file-empty", GOOD, "no rows", arguments=["more.csv"], files={"more.csv": b""}),
    wrong("second-file-bad", GOOD, "more.csv, line 3", "7.0", arguments=["more.csv"],
          files={"more.csv": table(HEADER, "a,0.5,0.5", "a,7,0.5").encode()}),
]  # fmt: skip

CASES: list[Case] = [
    *EMPTY, *NO_HEADER, *RAGGED, *NAMES, *DELIMITERS, *QUOTES, *LINES, *WIDE, *ENCODINGS, *PARQUET_FILES,
          *TWO_FILES,
]  # fmt: skip
