"""What a page looks like: the hues of its pictures, one column of text, tables that scroll by themselves."""

from __future__ import annotations

from xentcli.render.pictures.style import FONT, style_sheet

# Text on paper and on wash has a contrast of at least 4.5 : 1, in light and in dark.
_PAGE = """
:root{color-scheme:light dark;--wash:#f5f6f8;--unsure:#7a5d00}
@media (prefers-color-scheme:dark){:root{--wash:#1e2126;--unsure:#e6c34a}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 FONT}
a{color:var(--s0)}
:focus-visible{outline:2px solid var(--s0);outline-offset:2px}
.page{max-width:46rem;margin:0 auto;padding:3rem 1.25rem 4rem}
header{margin-bottom:2rem}
h1{font-size:1.9rem;line-height:1.2;font-weight:650;letter-spacing:-.015em;margin:0 0 .5rem;overflow-wrap:anywhere}
h2{font-size:1.3rem;line-height:1.3;font-weight:650;letter-spacing:-.01em;margin:0 0 .75rem;overflow-wrap:anywhere}
main>section{margin-top:3.25rem}
p,ul,ol,dl{margin:0 0 1rem}
ul,ol{padding-left:1.4rem}
li{margin-bottom:.35rem}
p,li,dd{overflow-wrap:anywhere}
.muted{color:var(--muted)}section p.muted{font-size:.9rem}.strong{font-weight:650}
.better{color:var(--better)}.worse{color:var(--worse)}.unsure{color:var(--unsure)}
.learned{color:var(--discrimination)}.wasted{color:var(--miscalibration)}
td .better,td .worse,td .unsure{font-weight:650}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.roles{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.1rem 1rem;font-size:.9rem;margin:1rem 0 0}
.roles dt{color:var(--muted)}.roles dd{margin:0}
nav ul{list-style:none;margin:0;padding:0;font-size:.9rem;display:flex;flex-wrap:wrap;gap:.1rem 1.1rem}
nav{border-top:1px solid var(--grid);border-bottom:1px solid var(--grid);padding:.6rem 0}
nav li{margin:0}
nav a{text-decoration:none;display:inline-block;padding:.15rem 0}
nav a:hover{text-decoration:underline}
.verdict{border-left:6px solid var(--tone);background:var(--wash);padding:1.1rem 1.4rem;border-radius:0 6px 6px 0}
.verdict h2{color:var(--tone);font-size:1.5rem;margin:0}.verdict p{margin:.2rem 0 0}
.verdict.pass{--tone:var(--better)}.verdict.fail{--tone:var(--worse)}.verdict.undecided{--tone:var(--unsure)}
.doubts{border-left:6px solid var(--unsure);background:var(--wash);padding:1rem 1.4rem;border-radius:0 6px 6px 0}
.doubts h2{color:var(--unsure);margin-bottom:.4rem}.doubts ul{margin:0;padding-left:1.2rem}
main>.verdict,main>.doubts{margin-top:1.5rem}
.verdict+section.checks{margin-top:1.5rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(12rem,1fr));gap:1rem;margin-bottom:1.25rem}
.figures:has(>:last-child:nth-child(4)){grid-template-columns:repeat(auto-fit,minmax(17rem,1fr))}
.figures div{background:var(--wash);border-radius:8px;padding:1rem 1.15rem}
.figures dt{font-size:.9rem;color:var(--muted)}
.figures dd{margin:0;font-size:.85rem}
.figures .value{font-size:1.65rem;line-height:1.35;font-weight:650;letter-spacing:-.01em}
.value,table,.hash{font-variant-numeric:tabular-nums}
.lines{display:grid;gap:.35rem;font-size:.95rem}
.lines div{display:grid;grid-template-columns:7.5rem minmax(0,1fr);gap:1rem}
.lines dt{color:var(--muted)}.lines dd{margin:0}
.scroll{overflow-x:auto;margin:0 0 1.75rem}
table{border-collapse:collapse;width:100%;font-size:.875rem;line-height:1.4}
caption{text-align:left;color:var(--muted);font-size:.9rem;padding:0 0 .4rem}
th,td{text-align:left;padding:.38rem .9rem .38rem 0;vertical-align:top;border-bottom:1px solid var(--grid)}
th:last-child,td:last-child{padding-right:0}
th{font-weight:500}
thead th,thead td{color:var(--muted);border-bottom:1px solid var(--axis);vertical-align:bottom}
tbody th[scope=rowgroup]{font-weight:650;padding-top:1.1rem}
.n{text-align:right;white-space:nowrap}
.dim{color:var(--muted)}
tbody th[scope=row],td:not(.n){overflow-wrap:break-word;max-width:22rem}
th button{all:unset;cursor:pointer;font:inherit}
th button:focus-visible{outline:2px solid var(--s0)}
th button:hover{color:var(--ink);text-decoration:underline}
th[aria-sort] button{color:var(--ink)}
th[aria-sort=ascending] button::after{content:" \\2191"}th[aria-sort=descending] button::after{content:" \\2193"}
figure{margin:0 0 2rem}
.picture{overflow-x:auto;border:1px solid var(--grid);border-radius:8px;background:var(--paper)}
.picture svg{display:block;height:auto;max-width:max(100%,34rem);margin:0 auto}
details{margin-top:.5rem;font-size:.9rem}
summary{cursor:pointer;color:var(--muted);padding:.25rem 0;width:max-content;max-width:100%}
summary:hover{color:var(--ink)}
details .scroll{margin:.75rem 0 1rem;max-height:24rem;overflow:auto}
code{font:.85em/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
footer{margin-top:4rem;padding-top:1rem;border-top:1px solid var(--grid);font-size:.85rem;color:var(--muted)}
@media (max-width:40rem){
.page{padding:1.5rem 1rem 3rem}h1{font-size:1.5rem}main>section{margin-top:2.5rem}
.verdict,.doubts{padding:1rem}
.lines div{grid-template-columns:minmax(0,1fr);gap:0}
nav a{padding:.4rem 0}
}
@media print{
:root{color-scheme:light;--wash:#f5f6f8;--unsure:#7a5d00}
body{font-size:10.5pt}.page{max-width:none;padding:0}nav,figure details{display:none}
.scroll,.picture{overflow:visible}.picture svg{max-width:100%}
main>section{margin-top:2rem}h2{break-after:avoid}figure,tr,.figures div,.verdict{break-inside:avoid}
.verdict,.doubts,.figures div{print-color-adjust:exact;-webkit-print-color-adjust:exact}
@page{margin:18mm}
}
"""


def page_style() -> str:
    """The style of the page and of the pictures in it."""
    return style_sheet(":root") + _PAGE.replace("FONT", FONT).replace("\n", "")
