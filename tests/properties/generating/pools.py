"""Names and values that have broken programs."""

from __future__ import annotations

# fmt: off
NAMES = (
    "a", "b", "c", "d", "cat", "dog", "é", "NA", "None", "null", "nan", "N/A", "01", "001", "-1", "true", "True",
    "False", "false", "TRUE", "yes", "no", "a b", "[/bold]", "[red]x", "*", "?", "[a-z]", ".*", "a,b", 'q"q',
    "a;b", "a|b", "::error::x", "##[error]x", "<script>x</script>", "=cmd|' /C calc'!A0", "\x1b[31mx", "a\nb",
    "a\r\nb", "\u202ex", "\u2066x", "ﬁ", "٣", "x" * 300, "a=b", "]", "9007199254740993", "10", "9", "1.0",
    "1.00", "0.0", " lead", "trail ", "label", "p", "&amp;", "%0A", "$(id)", "\\n", "#", "\u2028", "\x85",
    "\x9b31m", "🐱", "a\u0301", "-", "+1", "1e5", "inf", "A", "B", "a\tb", "`x`", "~", "'",
)
VALUES = (
    "nan", "NaN", "inf", "-inf", "Infinity", "-Infinity", "1e400", "1e-400", "-0.0", "0", "1", "5e-324", "1e-310",
    "٠.٥", "0,5", "1_0", "0x1p-1", "", " ", "0.5 ", " 0.5", "+0.5", "1.", ".5", "1e", "e1", "--1", "0.5f",
    "1e+308", "1.7976931348623157e308", "1e309", "NULL", "NA", "true", "0." + "5" * 60, "0" * 400 + ".5",
    "1" + "0" * 5000, "4.9406564584124654e-324", "0.1e1", "1d0", "½", "0.5\u00a0", "\u20070.5", "#N/A", "-nan",
    "2", "-0.1", "1.0000001", "-0.0000001", "1e-7", "100", "50%", "1,000", "nan(1)", "0.3333", "1E0", "infinit",
    "1 2", "\x1b[2J",
)
# fmt: on
PLAIN = ("a", "b", "c", "d", "e", "f")
COUNTED = tuple(map(str, range(6)))
TWINS = (("True", "true"), ("1", "1.0"), ("false", "False"), ("0", "0.0"))
PAIRS = (("0", "1"), ("0", "1"), ("neg", "pos"), ("false", "true"), ("-1", "1"))
