/* SPDX-License-Identifier: MIT
 * diff_html_style.c: the style sheet of the page that canon diff --html writes. Text has a contrast of 4.5 at least,
 * whatever carries a meaning 3 (WCAG 2.2); the map's steps differ in lightness and in size. */
#include "cli/diff_html_parts.h"

static const char *const light[] = {
    "--page:#ffffff;--text:#1d2228;--quiet:#555e68;--line:#d3d8de;--field:#f3f5f7;--bar:#2c6cb5;--link:#1a5aa6;",
    "--h0:#6c9bd2;--h1:#4a80c2;--h2:#2c66ab;--h3:#174c8c;--h4:#0a2f61;",
};

static const char *const dark[] = {
    "--page:#14181d;--text:#e4e8ec;--quiet:#a2acb7;--line:#39424c;--field:#1e242b;--bar:#74aae6;--link:#8dbbf0;",
    "--h0:#4f7fb5;--h1:#6a9bd1;--h2:#88b6e6;--h3:#a9cff5;--h4:#d3e7fc;",
};

static const char *const rules[] = {
    "*{box-sizing:border-box}",
    "body{margin:0 auto;max-width:66rem;padding:1.5rem 1rem 4rem;background:var(--page);color:var(--text);",
    "font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",\"DejaVu Sans\",sans-serif}",
    "h1{font-size:1.9rem;line-height:1.2;margin:0 0 .5rem}",
    "h2{font-size:1.35rem;margin:2.5rem 0 .75rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}",
    "h3{font-size:1.1rem;margin:2rem 0 .75rem;overflow-wrap:anywhere}",
    "h3,code,.path,.bits{font-family:ui-monospace,\"SFMono-Regular\",Menlo,Consolas,\"DejaVu Sans Mono\",monospace}",
    "code,.path,.bits{font-size:.9em}",
    "p{margin:.5rem 0;max-width:48rem}",
    "a{color:var(--link)}",
    ".quiet,figcaption,dt,caption{color:var(--quiet)}",
    ".scroll{overflow-x:auto}",
    "table{border-collapse:collapse;font-size:.9rem;margin:.5rem 0}",
    "th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line)}",
    "th{font-weight:600;white-space:nowrap}",
    "td.path,td.value,td.name{overflow-wrap:anywhere;min-width:13rem}",
    ".number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}",
    "td.nowrap,.bits{white-space:nowrap}",
    "caption{text-align:left;padding:.25rem 0}",
    "dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:.5rem 1.25rem;margin:.75rem 0}",
    "dt{font-size:.8rem}",
    "dd{margin:0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}",
    "details{margin:.5rem 0}figure details{font-size:.85rem}",
    "summary{cursor:pointer;color:var(--link)}",
    "a:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px}",
    ".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,23rem),1fr));gap:1rem 2rem}",
    "figure{margin:1rem 0;min-width:0}",
    "figure svg{display:block;width:100%;height:auto;max-width:32rem}",
    "figure.map{overflow-x:auto}figure.map svg{max-width:52rem;min-width:36rem}",
    "figcaption{font-size:.85rem;margin-top:.25rem}",
    "svg text{fill:var(--text);font-size:11px}",
    "svg .end{text-anchor:end}svg .mid{text-anchor:middle}",
    "svg .grid{stroke:var(--line);fill:none}svg .axis{stroke:var(--quiet);fill:none}",
    "svg .bar{fill:var(--bar)}svg .field{fill:var(--field);stroke:var(--line)}",
    "svg .heat0{fill:var(--h0)}svg .heat1{fill:var(--h1)}svg .heat2{fill:var(--h2)}",
    "svg .heat3{fill:var(--h3)}svg .heat4{fill:var(--h4)}",
    "@media print{body{max-width:none;padding:0;font-size:10pt}a{color:inherit;text-decoration:none}",
    "h2,h3{break-after:avoid}figure,tr,dl{break-inside:avoid}.scroll,figure.map{overflow:visible}",
    ".charts{grid-template-columns:1fr 1fr}figure.map svg{min-width:0}table{font-size:8pt}td.path{min-width:6rem}",
    "svg *{print-color-adjust:exact;-webkit-print-color-adjust:exact}}",
};

static void put(html_writer *html, const char *const *lines, size_t n) {
  for (size_t i = 0; i < n; i++) html_markup(html, "%s\n", lines[i]);
}

#define PUT(lines) put(html, lines, sizeof(lines) / sizeof *(lines))

/* Paper is always light. */
void diff_html_style(html_writer *html) {
  html_markup(html, "<style>\n:root{color-scheme:light dark;\n");
  PUT(light);
  html_markup(html, "}\n@media screen and (prefers-color-scheme:dark){:root{\n");
  PUT(dark);
  html_markup(html, "}}\n");
  PUT(rules);
  html_markup(html, "</style>\n");
}
