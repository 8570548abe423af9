/* SPDX-License-Identifier: MIT
 * html.c: see html.h. */
#include "cli/html.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/words.h"

void html_markup(html_writer *html, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vfprintf(html->file, format, args);
  va_end(args);
}

static const char *entity(uint32_t code) {
  switch (code) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
  }
}

/* XML has no such characters, not even by number. */
static int is_no_character(uint32_t code) { return (code & 0xfffe) == 0xfffe || (code >= 0xfdd0 && code <= 0xfdef); }

void html_text_cut(html_writer *html, const char *text, size_t longest) {
  char *visible = words_visible(text);
  if (!visible) report_out_of_memory();
  const char *at = visible;
  for (size_t size = strlen(visible), length; size && longest; at += length, size -= length, longest--) {
    uint32_t code = 0;
    length = words_decode(at, size, &code);
    if (entity(code)) fputs(entity(code), html->file);
    else if (is_no_character(code)) fprintf(html->file, "\\u%04" PRIx32, code);
    else fwrite(at, 1, length, html->file);
  }
  if (*at) fputs("\xe2\x80\xa6", html->file);
  free(visible);
}

void html_text(html_writer *html, const char *text) { html_text_cut(html, text, SIZE_MAX); }
