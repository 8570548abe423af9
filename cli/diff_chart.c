/* SPDX-License-Identifier: MIT
 * diff_chart.c: see diff_chart.h. */
#include "cli/diff_chart.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- histograms ---- */

/* From first to last (of what is counted in ulp), or from 2^first to 2^last. */
struct bar {
  int64_t first, last;
  uint64_t count;
};

enum { BARS = 64 };

struct histogram {
  const char *id, *title, *axis, *from, *to;
  int powers; /* bars are named by powers of two */
  size_t n;
  struct bar bars[BARS];
};

enum {
  CHART_WIDTH = 460,
  CHART_HEIGHT = 206,
  LEFT = 52,
  TOP = 26,
  PLOT_WIDTH = 400,
  PLOT_HEIGHT = 132,
  WIDEST_BAR = 48
};

static void open_picture(html_writer *html, const char *id, int width, int height, const char *title) {
  html_markup(html,
              "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"%s-title "
              "%s-desc\"><title id=\"%s-title\">%s</title><desc id=\"%s-desc\">",
              width, height, id, id, id, title, id);
}

static int octave_of(uint64_t ulp) {
  int octave = 0;
  while (ulp >>= 1) octave++;
  return octave;
}

/* 1, 10, 100, 1000, 10^4 */
static void put_power(html_writer *html, int base, int exponent) {
  if (base == 10 && exponent < 4) html_markup(html, "%.0f", pow(10, exponent));
  else html_markup(html, "%d<tspan dy=\"-4\" font-size=\"8\">%d</tspan>", base, exponent);
}

static void put_bar_name(html_writer *html, const struct histogram *h, const struct bar *bar) {
  if (h->powers) html_markup(html, "2^%" PRId64 " to 2^%" PRId64, bar->first, bar->last);
  else if (bar->first == bar->last) html_markup(html, "%" PRIu64, (uint64_t)bar->first);
  else html_markup(html, "%" PRIu64 " to %" PRIu64, (uint64_t)bar->first, (uint64_t)bar->last);
}

struct scale {
  double top; /* a count, or its logarithm */
  int is_log;
};

static struct scale scale_of(const struct histogram *h) {
  uint64_t most = 0, fewest = UINT64_MAX;
  for (size_t i = 0; i < h->n; i++) {
    if (h->bars[i].count > most) most = h->bars[i].count;
    if (h->bars[i].count && h->bars[i].count < fewest) fewest = h->bars[i].count;
  }
  if (most / 20 < fewest) return (struct scale){.top = (double)most};
  return (struct scale){.top = log10((double)most), .is_log = 1};
}

/* A logarithmic axis begins below 1, so that one element is seen. */
static double height_of(const struct scale *scale, double count) {
  static const double room = 0.3;
  if (count == 0) return 0;
  return PLOT_HEIGHT * (scale->is_log ? (log10(count) + room) / (scale->top + room) : count / scale->top);
}

static void put_line(html_writer *html, double height) {
  html_markup(html, "<path class=\"grid\" d=\"M%d %.1fh%d\"/><text class=\"end\" x=\"%d\" y=\"%.1f\">", LEFT,
              TOP + PLOT_HEIGHT - height, PLOT_WIDTH, LEFT - 6, TOP + PLOT_HEIGHT - height + 4);
}

static void put_scale(html_writer *html, const struct scale *scale) {
  if (scale->is_log) {
    int step = 1 + (int)scale->top / 6;
    for (int exponent = 0; exponent <= (int)scale->top; exponent += step) {
      put_line(html, height_of(scale, pow(10, exponent)));
      put_power(html, 10, exponent);
      html_markup(html, "</text>");
    }
    return;
  }
  double step = pow(10, floor(log10(scale->top)));
  step = scale->top / step > 5 ? 2 * step : scale->top / step < 2 ? step / 5 : step;
  if (step < 1) step = 1;
  for (double count = 0; count <= scale->top; count += step) {
    put_line(html, height_of(scale, count));
    html_markup(html, count < 1e6 ? "%.0f</text>" : "%.2g</text>", count);
  }
}

static void put_edge(html_writer *html, double x, int64_t exponent) {
  html_markup(html, "<text class=\"mid\" x=\"%.1f\" y=\"%d\">", x, TOP + PLOT_HEIGHT + 16);
  put_power(html, 2, (int)exponent);
  html_markup(html, "</text>");
}

static void put_bars(html_writer *html, const struct histogram *h, const struct scale *scale, double slot) {
  static const int names_wide = 32, base = TOP + PLOT_HEIGHT;
  size_t step = 1 + (size_t)((double)names_wide / slot);
  for (size_t i = 0; i < h->n; i++) {
    const struct bar *bar = &h->bars[i];
    double height = height_of(scale, (double)bar->count), x = LEFT + slot * (double)i, gap = slot / 10;
    if (bar->count) {
      html_markup(html, "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>", x + gap,
                  base - height, slot - 2 * gap, height);
      put_bar_name(html, h, bar);
      html_markup(html, ": %" PRIu64 "</title></rect>", bar->count);
      if (h->n <= 8)
        html_markup(html, "<text class=\"mid\" x=\"%.1f\" y=\"%.1f\">%" PRIu64 "</text>", x + slot / 2,
                    base - height - 4, bar->count);
    }
    if (i % step) continue;
    /* Powers stand at the edge that they name, numbers below their bar. */
    if (h->powers) {
      put_edge(html, x, bar->first);
      continue;
    }
    html_markup(html, "<text class=\"mid\" x=\"%.1f\" y=\"%d\">", x + slot / 2, base + 16);
    if ((uint64_t)bar->first < 1000) html_markup(html, "%" PRId64, bar->first);
    else put_power(html, 2, octave_of((uint64_t)bar->first));
    html_markup(html, "</text>");
  }
  if (h->powers && h->n % step == 0) put_edge(html, LEFT + slot * (double)h->n, h->bars[h->n - 1].last);
}

static void put_table(html_writer *html, const struct histogram *h) {
  html_markup(html,
              "<details><summary>As a table</summary><table><thead><tr><th scope=\"col\">%s</th><th scope=\"col\" "
              "class=\"number\">Count</th></tr></thead><tbody>\n",
              h->axis);
  for (size_t i = 0; i < h->n; i++) {
    if (!h->bars[i].count) continue;
    html_markup(html, "<tr><td>");
    put_bar_name(html, h, &h->bars[i]);
    html_markup(html, "</td><td class=\"number\">%" PRIu64 "</td></tr>\n", h->bars[i].count);
  }
  html_markup(html, "</tbody></table></details>");
}

static void put_histogram(html_writer *html, const struct histogram *h) {
  struct scale scale = scale_of(h);
  uint64_t all = 0;
  size_t highest = 0;
  for (size_t i = 0; i < h->n; i++) {
    all += h->bars[i].count;
    if (h->bars[i].count > h->bars[highest].count) highest = i;
  }
  double slot = PLOT_WIDTH / (double)h->n;
  if (slot > WIDEST_BAR) slot = WIDEST_BAR;
  html_markup(html, "<figure><figcaption><b>%s</b></figcaption>", h->title);
  open_picture(html, h->id, CHART_WIDTH, CHART_HEIGHT, h->title);
  html_markup(html, "%" PRIu64 " numbers that differ, from %s", all, h->from);
  put_bar_name(html, h, &h->bars[0]);
  html_markup(html, "%s up to ", h->to);
  put_bar_name(html, h, &h->bars[h->n - 1]);
  html_markup(html, "%s; most of them, %" PRIu64 ", at ", h->to, h->bars[highest].count);
  put_bar_name(html, h, &h->bars[highest]);
  html_markup(html, "%s.</desc><text x=\"%d\" y=\"12\">count%s</text>", h->to, LEFT - 44,
              scale.is_log ? " (logarithmic)" : "");
  put_scale(html, &scale);
  put_bars(html, h, &scale, slot);
  html_markup(html, "<path class=\"axis\" d=\"M%d %dh%d\"/><text x=\"%d\" y=\"%d\">%s</text></svg>", LEFT,
              TOP + PLOT_HEIGHT, PLOT_WIDTH, LEFT, TOP + PLOT_HEIGHT + 38, h->axis);
  put_table(html, h);
  html_markup(html, "</figure>\n");
}

static void trim(struct histogram *h) {
  size_t first = 0;
  while (h->n && !h->bars[h->n - 1].count) h->n--;
  while (first < h->n && !h->bars[first].count) first++;
  memmove(h->bars, h->bars + first, (h->n -= first) * sizeof *h->bars);
}

/* Where no distance is 16 or more each has a bar, else each power of two. */
void chart_ulp(html_writer *html, const char *id, const canon_diff_stats *stats) {
  struct histogram h = {
      .id = id, .title = "How far apart, in ulp", .axis = "distance in ulp", .from = "", .to = " ulp"};
  int small = 1;
  for (uint64_t i = 16; i < CANON_ULP_BINS; i++) small &= !stats->ulp[i];
  if (!small) h.axis = "distance in ulp, each bar up to the next power of two";
  h.n = small ? 16 : BARS;
  for (size_t i = 0; i < h.n; i++) {
    int64_t first = small ? (int64_t)i : (int64_t)(UINT64_C(1) << i);
    h.bars[i] = (struct bar){first, small ? first : (int64_t)((uint64_t)first + ((uint64_t)first - 1)), 0};
  }
  for (uint64_t i = 0; i < CANON_ULP_BINS; i++)
    h.bars[small && i < 16 ? (int)i : octave_of(canon_ulp_bin_start(i))].count += stats->ulp[i];
  trim(&h);
  if (h.n) put_histogram(html, &h);
}

void chart_relative(html_writer *html, const char *id, const canon_diff_stats *stats) {
  struct histogram h = {.id = id,
                        .title = "How far apart, relative to B",
                        .axis = "|a \xe2\x88\x92 b| / |b|",
                        .from = "",
                        .to = "",
                        .powers = 1};
  int first = 0, last = CANON_RELATIVE_BINS - 1;
  while (first <= last && !stats->relative[first]) first++;
  while (first <= last && !stats->relative[last]) last--;
  int each = (last - first) / 40 + 1; /* of the bins in one bar */
  for (int i = first; i <= last; i++) {
    struct bar *bar = &h.bars[(i - first) / each];
    *bar = (struct bar){first + (i - first) / each * each - 128, first + ((i - first) / each + 1) * each - 128,
                        bar->count + stats->relative[i]};
    h.n = (size_t)((i - first) / each + 1);
  }
  if (h.n) put_histogram(html, &h);
}

/* ---- the map ---- */

enum { MAP_LEFT = 100, MAP_TOP = 24, MAP_WIDTH = 640, MAP_HEIGHT = 400, WIDEST_CELL = 24, CELL = 20, LEVELS = 5 };

/* What a cell looks like: the more of it differs, the larger and stronger its square. In CELL-ths. */
static const struct {
  int size;
  const char *name;
} levels[LEVELS] = {{12, "up to 1 %"}, {14, "up to 10 %"}, {16, "up to 50 %"}, {18, "more"}, {20, "all"}};

struct grid {
  const canon_diff_map *map;
  uint64_t rows, columns; /* of the tensor */
  double width, height;   /* of a cell */
};

static uint64_t cell_elements(const struct grid *g, uint64_t row, uint64_t column) {
  uint64_t rows = g->rows - row * g->map->cell_rows, columns = g->columns - column * g->map->cell_columns;
  if (rows > g->map->cell_rows) rows = g->map->cell_rows;
  if (columns > g->map->cell_columns) columns = g->map->cell_columns;
  return rows * columns;
}

/* -1: nothing differs there. */
static int level_of(const struct grid *g, uint64_t row, uint64_t column) {
  uint64_t differing = g->map->differing[row][column], all = cell_elements(g, row, column);
  double share = (double)differing / (double)all;
  if (!differing) return -1;
  if (differing == all) return 4;
  return share <= 0.01 ? 0 : share <= 0.1 ? 1 : share <= 0.5 ? 2 : 3;
}

static void put_square(html_writer *html, int level, uint64_t x, uint64_t y, uint64_t cells) {
  int size = levels[level].size, margin = (CELL - size) / 2;
  html_markup(html, "M%" PRIu64 " %" PRIu64 "h%" PRIu64 "v%dh-%" PRIu64 "z", CELL * x + (uint64_t)margin,
              CELL * y + (uint64_t)margin, CELL * (cells - 1) + (uint64_t)size, size,
              CELL * (cells - 1) + (uint64_t)size);
}

/* Full cells beside each other are one square. */
static void put_level(html_writer *html, const struct grid *g, int level) {
  int any = 0;
  for (uint64_t row = 0; row < g->map->rows; row++) {
    for (uint64_t column = 0, cells; column < g->map->columns; column += cells) {
      cells = 1;
      if (level_of(g, row, column) != level) continue;
      while (level == 4 && column + cells < g->map->columns && level_of(g, row, column + cells) == level) cells++;
      if (!any++) html_markup(html, "<path class=\"heat%d\" d=\"", level);
      put_square(html, level, column, row, cells);
    }
  }
  if (any) html_markup(html, "\"/>\n");
}

/* At most so many numbers along an axis. */
static uint64_t step_of(uint64_t cells, double size, double room) {
  uint64_t step = 1;
  while ((double)step * size < room || cells / step > 8) step++;
  return step;
}

static void put_axes(html_writer *html, const struct grid *g) {
  const canon_diff_map *map = g->map;
  uint64_t step = step_of(map->columns, g->width, 60);
  for (uint64_t i = 0; i < map->columns; i += step)
    html_markup(html, "<text x=\"%.1f\" y=\"%d\">%" PRIu64 "</text>", MAP_LEFT + g->width * (double)i, MAP_TOP - 5,
                i * map->cell_columns);
  step = step_of(map->rows, g->height, 24);
  for (uint64_t i = 0; i < map->rows; i += step)
    html_markup(html, "<text class=\"end\" x=\"%d\" y=\"%.1f\">%" PRIu64 "</text>", MAP_LEFT - 5,
                MAP_TOP + g->height * (double)i + 10, i * map->cell_rows);
}

static int is_an_element_each(const canon_diff_map *map) { return map->cell_rows == 1 && map->cell_columns == 1; }

static void put_legend(html_writer *html, const canon_diff_map *map, int y) {
  if (is_an_element_each(map)) {
    html_markup(html, "<path class=\"heat4\" transform=\"translate(%d %d) scale(0.8)\" d=\"", MAP_LEFT, y);
    put_square(html, LEVELS - 1, 0, 0, 1);
    html_markup(html, "\"/><text x=\"%d\" y=\"%d\">differs</text>", MAP_LEFT + 21, y + 12);
    return;
  }
  html_markup(html, "<text x=\"%d\" y=\"%d\">of a cell differ:</text>", MAP_LEFT, y + 12);
  for (int i = 0; i < LEVELS; i++) {
    int x = MAP_LEFT + 104 + 100 * i;
    html_markup(html, "<path class=\"heat%d\" transform=\"translate(%d %d) scale(0.8)\" d=\"", i, x, y);
    put_square(html, i, 0, 0, 1);
    html_markup(html, "\"/><text x=\"%d\" y=\"%d\">%s</text>", x + 21, y + 12, levels[i].name);
  }
}

static void describe_map(html_writer *html, const struct grid *g) {
  const canon_diff_map *map = g->map;
  uint64_t hit = 0, fullest_row = 0, fullest_column = 0;
  for (uint64_t row = 0; row < map->rows; row++) {
    for (uint64_t column = 0; column < map->columns; column++) {
      hit += map->differing[row][column] != 0;
      if (map->differing[row][column] > map->differing[fullest_row][fullest_column])
        fullest_row = row, fullest_column = column;
    }
  }
  if (is_an_element_each(map)) {
    html_markup(html, "%" PRIu64 " of %" PRIu64 " elements differ.", hit, map->rows * map->columns);
    return;
  }
  html_markup(html, "Elements differ in %" PRIu64 " of %" PRIu64 " cells.", hit, map->rows * map->columns);
  if (map->differing[fullest_row][fullest_column] == 1) return; /* none stands out */
  html_markup(html, " Most do in the cell from row %" PRIu64 ", column %" PRIu64 " on: %" PRIu64 " of its %" PRIu64 ".",
              fullest_row * map->cell_rows, fullest_column * map->cell_columns,
              map->differing[fullest_row][fullest_column], cell_elements(g, fullest_row, fullest_column));
}

/* Cells are near to squares. */
static void fit(struct grid *g) {
  g->width = (double)MAP_WIDTH / (double)g->map->columns;
  g->height = (double)MAP_HEIGHT / (double)g->map->rows;
  if (g->width > WIDEST_CELL) g->width = WIDEST_CELL;
  if (g->height > WIDEST_CELL) g->height = WIDEST_CELL;
  if (g->width > 2 * g->height) g->width = 2 * g->height;
  if (g->height > 2 * g->width) g->height = 2 * g->width;
}

void chart_map(html_writer *html, const char *id, const canon_diff_map *map, uint64_t rows, uint64_t columns) {
  struct grid g = {.map = map, .rows = rows, .columns = columns};
  fit(&g);
  double width = g.width * (double)map->columns, height = g.height * (double)map->rows;
  int legend = MAP_TOP + (int)height + 14;
  html_markup(html,
              "<figure class=\"map\"><figcaption><b>Where elements differ</b><br/>%" PRIu64
              " row%s (the last dimension) of %" PRIu64 " column%s",
              rows, rows == 1 ? "" : "s", columns, columns == 1 ? "" : "s");
  if (is_an_element_each(map)) html_markup(html, ". ");
  else html_markup(html, ", in cells of %" PRIu64 " \xc3\x97 %" PRIu64 ". ", map->cell_rows, map->cell_columns);
  describe_map(html, &g);
  html_markup(html, "</figcaption>");
  open_picture(html, id, MAP_LEFT + MAP_WIDTH + 10, legend + 22, "Where elements differ");
  describe_map(html, &g);
  html_markup(html, "</desc><rect class=\"field\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%.1f\"/>", MAP_LEFT,
              MAP_TOP, width, height);
  html_markup(html, "<text class=\"end\" x=\"%d\" y=\"%d\">row \xe2\x86\x93 column \xe2\x86\x92</text>\n", MAP_LEFT - 5,
              MAP_TOP - 5);
  put_axes(html, &g);
  html_markup(html, "<g transform=\"translate(%d %d) scale(%.5f %.5f)\">\n", MAP_LEFT, MAP_TOP, g.width / CELL,
              g.height / CELL);
  for (int level = 0; level < LEVELS; level++) put_level(html, &g, level);
  html_markup(html, "</g>");
  put_legend(html, map, legend);
  html_markup(html, "</svg></figure>\n");
}
