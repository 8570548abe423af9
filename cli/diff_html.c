/* SPDX-License-Identifier: MIT
 * diff_html.c: see diff_html.h: the page and its tables. No scripts, nothing from elsewhere, no dates: equal
 * comparisons give equal bytes. Its size is bounded: so many sections, rows and letters, and the rest is counted. */
#include "cli/diff_html.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/artifact.h"
#include "cli/diff_html_parts.h"
#include "cli/whole_file.h"

enum { ROWS = 1000, VALUES = 200, LONGEST_NAME = 500, LONGEST_VALUE = 200 };

static const char *plural(uint64_t n) { return n == 1 ? "" : "s"; }

/* ---- head ---- */

static const char *const meanings[] = {
    [CANON_CLASS_SAME] = "Nothing that is compared differs.",
    [CANON_CLASS_ROUNDING] = "No element is further than 1 ulp from the other side.",
    [CANON_CLASS_HALF_FLIP] = "No element is further than 1 ulp of a type of 16 bits or less from the other side.",
    [CANON_CLASS_PERMUTATION] = "Rows or elements are the same ones in another order.",
    [CANON_CLASS_VALUES] = "Elements or values differ by more than rounding.",
    [CANON_CLASS_STRUCTURE] = "Something is missing, extra or moved, or has another shape or type.",
};

static void put_count(html_writer *html, const char *before, uint64_t part, uint64_t whole, const char *what) {
  html_markup(html, "%s<strong>%" PRIu64 " of %" PRIu64 " %s%s</strong>", before, part, whole, what, plural(whole));
}

static void put_counts(html_writer *html, const struct diff *diff) {
  struct diff_counts counts = diff_count(diff);
  html_markup(html, "<p>");
  put_count(html, "", counts.other_tensors, counts.tensors, "tensor");
  if (counts.elements) put_count(html, counts.values ? ", " : " and ", counts.differing, counts.elements, "element");
  if (counts.values) put_count(html, " and ", counts.other_values, counts.values, "other value");
  html_markup(html, " differ. %s</p>\n", meanings[canon_comparison_verdict(diff->comparison)]);
  if (counts.volatile_values)
    html_markup(html, "<p>%" PRIu64 " value%s of the run that wrote a file, not compared.</p>\n",
                counts.volatile_values, plural(counts.volatile_values));
}

static void put_checks(html_writer *html, const struct diff *diff) {
  if (diff->checks->n) html_markup(html, "<p>Tolerances: ");
  for (uint64_t i = 0; i < diff->checks->n; i++) {
    html_markup(html, "%s", i ? ", " : "");
    html_text(html, diff->checks->items[i].name);
    html_markup(html, diff_check_passes(diff, i) ? " <strong>passes</strong>" : " <strong>fails</strong>");
  }
  if (diff->checks->n) html_markup(html, ".</p>\n");
}

static void put_side(html_writer *html, const char *name, const canon_artifact *artifact) {
  char size[WORDS_SIZE];
  const canon_manifest *manifest = canon_artifact_manifest(artifact);
  html_markup(html, "<tr><th scope=\"row\">%s</th><td class=\"name\"><bdi>", name);
  html_text_cut(html, canon_artifact_name(artifact), LONGEST_NAME);
  html_markup(html, "</bdi></td><td>");
  html_text(html, canon_artifact_format(artifact));
  html_markup(html, "</td><td>");
  html_text_cut(html, manifest->producer ? manifest->producer : DIFF_HTML_NONE, LONGEST_VALUE);
  html_markup(html, "</td><td class=\"number\">%s</td></tr>\n", words_size(size, canon_artifact_size(artifact)));
}

static void put_head(html_writer *html, const struct diff *diff, const cli_options *options) {
  const char *verdict = canon_diff_class_name(canon_comparison_verdict(diff->comparison));
  html_markup(
      html,
      "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\" xml:lang=\"en\">\n<head>\n<meta "
      "charset=\"utf-8\"/>\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>%s: ",
      verdict);
  html_text_cut(html, canon_artifact_name(diff->a), LONGEST_VALUE);
  html_markup(html, " and ");
  html_text_cut(html, canon_artifact_name(diff->b), LONGEST_VALUE);
  html_markup(html, "</title>\n");
  diff_html_style(html);
  html_markup(html, "</head>\n<body>\n<header>\n<h1>Verdict: %s</h1>\n", verdict);
  put_counts(html, diff);
  put_checks(html, diff);
  html_markup(
      html,
      "<div class=\"scroll\"><table><thead><tr><td></td><th scope=\"col\">Name</th><th scope=\"col\">Format</th><th "
      "scope=\"col\">Written by</th><th scope=\"col\" class=\"number\">Size</th></tr></thead><tbody>\n");
  put_side(html, "A", diff->a);
  put_side(html, "B", diff->b);
  html_markup(
      html,
      "</tbody></table></div>\n<p class=\"quiet\">Elements are the same if their %s are. Written by <code>canon "
      "diff --html</code>, canon %s.</p>\n</header>\n<main>\n",
      options->equal && strcmp(options->equal, "values") == 0 ? "values" : "bits", canon_version());
}

/* ---- tables of tensors ---- */

static int is_listed(const canon_difference *d, uint32_t status) {
  return status == CANON_DIFF_MISSING ? d->status > CANON_DIFF_DIFFERS : d->status == status;
}

/* MISSING stands for all that are told apart without a look at elements. */
static uint64_t count_tensors(const struct diff *diff, uint32_t status) {
  uint64_t n = 0;
  for (uint64_t i = 0; i < canon_comparison_tensors(diff->comparison); i++)
    n += is_listed(canon_comparison_tensor(diff->comparison, i), status);
  return n;
}

static void put_rest(html_writer *html, uint64_t all, uint64_t shown, const char *what) {
  if (all > shown)
    html_markup(html, "<p class=\"quiet\">%" PRIu64 " more %s%s not shown.</p>\n", all - shown, what,
                all - shown == 1 ? " is" : "s are");
}

static void put_tensor(html_writer *html, const struct diff *diff, uint64_t i) {
  const canon_difference *d = canon_comparison_tensor(diff->comparison, i);
  canon_artifact *owner = diff_owner(diff, d->a);
  uint64_t node = d->a == CANON_NONE ? d->b : d->a;
  html_markup(html, "<tr><td class=\"path\">");
  if (canon_comparison_map(diff->comparison, i)) html_markup(html, "<a href=\"#t%" PRIu64 "\">", i);
  diff_html_path(html, diff_path(owner, node));
  html_markup(html, canon_comparison_map(diff->comparison, i) ? "</a></td><td class=\"nowrap\">"
                                                              : "</td><td class=\"nowrap\">");
  diff_html_type(html, diff_node(owner, node));
  html_markup(html, "</td>");
}

static void put_check_cells(html_writer *html, const struct diff *diff, uint64_t i) {
  for (uint64_t k = 0; k < diff->checks->n; k++) {
    const canon_check_result *result = canon_comparison_check(diff->comparison, i, k);
    if (!result) html_markup(html, "<td>%s</td>", DIFF_HTML_NONE);
    else if (result->passes) html_markup(html, "<td class=\"nowrap\">passes</td>");
    else html_markup(html, "<td class=\"nowrap\">%" PRIu64 " fail</td>", result->failing);
  }
}

static void put_differing(html_writer *html, const struct diff *diff, uint64_t i) {
  const canon_difference *d = canon_comparison_tensor(diff->comparison, i);
  put_tensor(html, diff, i);
  html_markup(html, "<td>");
  diff_html_result(html, d);
  html_markup(html, "</td>");
  put_check_cells(html, diff, i);
  html_markup(html, "<td class=\"number\">%" PRIu64 "</td>", d->differing);
  if (d->measured) html_markup(html, "<td class=\"number\">%.7g</td>", d->max_abs);
  else html_markup(html, "<td class=\"number\">%s</td>", DIFF_HTML_NONE);
  if (d->has_ulp && d->max_ulp < 10000000) html_markup(html, "<td class=\"number\">%" PRIu64 "</td>", d->max_ulp);
  else if (d->has_ulp) html_markup(html, "<td class=\"number\">%.2e</td>", (double)d->max_ulp);
  else html_markup(html, "<td class=\"number\">%s</td>", DIFF_HTML_NONE);
  if (d->measured) html_markup(html, "<td class=\"number\">%.7g</td></tr>\n", d->mean_abs);
  else html_markup(html, "<td class=\"number\">%s</td></tr>\n", DIFF_HTML_NONE);
}

static void put_structure(html_writer *html, const struct diff *diff, uint64_t i) {
  const canon_difference *d = canon_comparison_tensor(diff->comparison, i);
  put_tensor(html, diff, i);
  html_markup(html, "<td>");
  diff_html_result(html, d);
  html_markup(html, "</td><td class=\"path\">");
  if (d->status == CANON_DIFF_MOVED) diff_html_path(html, diff_path(diff->b, d->b));
  else if (d->status > CANON_DIFF_MOVED) diff_html_type(html, diff_node(diff->b, d->b));
  else html_markup(html, "%s", d->status == CANON_DIFF_MISSING ? "only A has it" : "only B has it");
  html_markup(html, "</td></tr>\n");
}

static void put_same(html_writer *html, const struct diff *diff, uint64_t i) {
  put_tensor(html, diff, i);
  html_markup(html, "</tr>\n");
}

static void put_columns(html_writer *html, const struct diff *diff, uint32_t status) {
  html_markup(
      html, "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Path</th><th scope=\"col\">Type and shape</th>");
  if (status != CANON_DIFF_SAME) html_markup(html, "<th scope=\"col\">Result</th>");
  if (status == CANON_DIFF_MISSING) html_markup(html, "<th scope=\"col\">In B</th>");
  if (status == CANON_DIFF_DIFFERS) {
    for (uint64_t i = 0; i < diff->checks->n; i++) {
      html_markup(html, "<th scope=\"col\">");
      html_text(html, diff->checks->items[i].name);
      html_markup(html, "</th>");
    }
    html_markup(
        html,
        "<th scope=\"col\" class=\"number\">Differing</th><th scope=\"col\" class=\"number\">Max |a \xe2\x88\x92 "
        "b|</th><th "
        "scope=\"col\" class=\"number\">Max ulp</th><th scope=\"col\" class=\"number\">Mean |a \xe2\x88\x92 b|</th>");
  }
  html_markup(html, "</tr></thead><tbody>\n");
}

static void put_tensors(html_writer *html, const struct diff *diff, uint32_t status,
                        void (*row)(html_writer *, const struct diff *, uint64_t)) {
  uint64_t n = count_tensors(diff, status), shown = 0;
  if (!n) return;
  put_columns(html, diff, status);
  for (uint64_t i = 0; i < canon_comparison_tensors(diff->comparison) && shown < ROWS; i++) {
    if (!is_listed(canon_comparison_tensor(diff->comparison, i), status)) continue;
    row(html, diff, i);
    shown++;
  }
  html_markup(html, "</tbody></table></div>\n");
  put_rest(html, n, shown, "tensor");
}

static void put_summary(html_writer *html, const struct diff *diff) {
  uint64_t same = count_tensors(diff, CANON_DIFF_SAME), structure = count_tensors(diff, CANON_DIFF_MISSING);
  html_markup(html, "<h2>Tensors</h2>\n");
  if (!canon_comparison_tensors(diff->comparison)) html_markup(html, "<p>Neither side has any.</p>\n");
  put_tensors(html, diff, CANON_DIFF_DIFFERS, put_differing);
  if (same) {
    html_markup(html, "<details><summary>%" PRIu64 " tensor%s the same</summary>\n", same, same == 1 ? " is" : "s are");
    put_tensors(html, diff, CANON_DIFF_SAME, put_same);
    html_markup(html, "</details>\n");
  }
  if (structure) html_markup(html, "<h2>Structure</h2>\n");
  put_tensors(html, diff, CANON_DIFF_MISSING, put_structure);
}

/* ---- sections ---- */

static void put_sections(html_writer *html, const struct diff *diff) {
  uint64_t shown = 0;
  for (uint64_t i = 0; i < canon_comparison_tensors(diff->comparison); i++) {
    const canon_diff_map *map = canon_comparison_map(diff->comparison, i);
    if (!map) continue;
    if (!shown++) html_markup(html, "<h2>Where and how tensors differ</h2>\n");
    diff_html_section(html, diff, i, map);
  }
  uint64_t rest = count_tensors(diff, CANON_DIFF_DIFFERS) - shown;
  if (rest)
    html_markup(html, "<p class=\"quiet\">%" PRIu64 " more that differ%s no section here.</p>\n", rest,
                rest == 1 ? "s has" : " have");
}

/* ---- values ---- */

static void put_value(html_writer *html, canon_artifact *artifact, uint64_t node) {
  html_markup(html, "<td class=\"value\"><bdi>");
  html_text_cut(html, node == CANON_NONE ? DIFF_HTML_NONE : diff_value(artifact, node), LONGEST_VALUE);
  html_markup(html, "</bdi></td>");
}

static void put_values(html_writer *html, const struct diff *diff) {
  uint64_t n = diff_count(diff).other_values, most = diff->max < VALUES ? diff->max : VALUES, shown = 0;
  if (!n) return;
  html_markup(html,
              "<h2>Other values</h2>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Path</th><th "
              "scope=\"col\">Result</th><th scope=\"col\">A</th><th scope=\"col\">B</th></tr></thead><tbody>\n");
  for (uint64_t i = 0; i < canon_comparison_values(diff->comparison) && shown < most; i++) {
    const canon_value_difference *d = canon_comparison_value(diff->comparison, i);
    if (d->status == CANON_DIFF_SAME) continue;
    html_markup(html, "<tr><td class=\"path\">");
    diff_html_path(html, diff_path(diff_owner(diff, d->a), d->a == CANON_NONE ? d->b : d->a));
    html_markup(html, "</td><td>%s</td>", canon_diff_status_name(d->status));
    put_value(html, diff->a, d->a);
    put_value(html, diff->b, d->b);
    html_markup(html, "</tr>\n");
    shown++;
  }
  html_markup(html, "</tbody></table></div>\n");
  put_rest(html, n, shown, "value");
}

/* ---- the file ---- */

static int is_same_file(const char *name, const struct stat *other) {
  struct stat status;
  return stat(name, &status) == 0 && status.st_dev == other->st_dev && status.st_ino == other->st_ino;
}

/* The file, or a folder that it is in. */
static int is_within(const char *path, const struct stat *input) {
  char *real = realpath(path, NULL);
  int found = 0;
  for (size_t length = real ? strlen(real) : 0; length && !found; length--) {
    if (length > 1 && real[length] && real[length] != '/') continue;
    real[length] = 0;
    found = is_same_file(real, input);
  }
  free(real);
  return found;
}

/* --force replaces a page, not what is compared. */
static int is_an_input(const char *path, const cli_options *options) {
  int found = 0;
  for (size_t i = 0; i < options->operands.n && !found; i++) {
    const char *operand = options->operands.items[i];
    size_t length = artifact_file_length(operand);
    char *file = report_resize(NULL, length + 1, 1);
    struct stat input;
    memcpy(file, operand, length);
    file[length] = 0;
    found = stat(file, &input) == 0 && is_within(path, &input);
    free(file);
  }
  if (found) report_error("%s: --html would replace what is compared; take another name", path);
  return found;
}

int diff_html_check(const cli_options *options) {
  if (!options->html) return 0;
  if (!*options->html || strcmp(options->html, "-") == 0) {
    report_error("--html needs the name of a file");
    return 2;
  }
  int status = whole_file_check(options->html, options->force);
  return status || !is_an_input(options->html, options) ? status : 2;
}

int diff_html_write(const struct diff *diff, const cli_options *options) {
  char *text = NULL;
  size_t size = 0;
  html_writer html = {.file = open_memstream(&text, &size)};
  if (!html.file) report_out_of_memory();
  put_head(&html, diff, options);
  put_summary(&html, diff);
  put_sections(&html, diff);
  put_values(&html, diff);
  html_markup(&html, "</main>\n</body>\n</html>\n");
  int broken = ferror(html.file);
  if (fclose(html.file) || broken) report_out_of_memory();
  int status = whole_file_write(options->html, text, size, options->force, "");
  free(text);
  return status;
}
