/* SPDX-License-Identifier: MIT
 * manual.c: what canon-conform says of itself: --help, and the manual page that is installed, from the same tables. */
#include "tests/conform/conform.h"

static const struct {
  const char *name, *argument, *summary;
} options[] = {
    {"--variant", "NAME", "try this variant of its transforms as well (repeatable)"},
    {"--set", "KEY=VALUE", "give it this option (repeatable)"},
    {"--only", "RULE", "only this rule (repeatable)"},
    {"--timeout", "SECONDS", "for each call (default: 20)"},
    {"--list", "", "list the rules"},
    {"--help", "", "show this"},
    {"--man", "", "print the manual page, for man -l"},
};

enum { N_OPTIONS = sizeof options / sizeof *options };

void manual_help(const struct manual *manual, FILE *out) {
  fprintf(out,
          "usage: canon-conform [OPTION]... PLUGIN.so [FILE]...\n"
          "Tells whether a plugin keeps the rules that canon's plugins live by.\n"
          "\n"
          "  FILE                 what its formats read: the more kinds, the more is found.\n"
          "                       A format that is written too is tried on its own output.\n");
  for (size_t i = 0; i < N_OPTIONS; i++)
    fprintf(out, "  %-9s %-10s %s\n", options[i].name, options[i].argument, options[i].summary);
  fprintf(out,
          "\n"
          "The %zu rules are tried one by one, each in a process of its own. A rule that is\n"
          "broken tells the first case found, the call in it, and what to do.\n"
          "\n"
          "Exit status: 0 it keeps them, 1 it does not, 2 trouble.\n",
          manual->n_rules);
}

/* A hyphen that is to be copied into a shell is no hyphen of a text. */
static void put(FILE *out, const char *text) {
  for (; *text; text++) fprintf(out, *text == '-' ? "\\-" : "%c", *text);
}

static void put_entry(FILE *out, const char *name, const char *argument, const char *summary) {
  fprintf(out, ".TP\n\\fB");
  put(out, name);
  fprintf(out, "\\fR%s\\fI%s\\fR\n%s.\n", *argument ? " " : "", argument, summary);
}

void manual_page(const struct manual *manual, FILE *out) {
  fprintf(out,
          ".TH \"canon-conform\" 1 \"\" \"canon %s\" \"canon manual\"\n"
          ".SH NAME\ncanon\\-conform \\- tell whether a plugin keeps canon's rules\n"
          ".SH SYNOPSIS\n\\fBcanon\\-conform\\fR [\\fIOPTION\\fR]... \\fIPLUGIN.so\\fR [\\fIFILE\\fR]...\n"
          ".SH DESCRIPTION\n"
          "Loads a plugin as canon does and tries whether it keeps the rules of canon's plugin interface: that it "
          "gives back the\n"
          "failures of the host, stays in its memory, reads the same however it is asked, survives damaged files. It "
          "is for authors\n"
          "of plugins; canon never runs it.\n"
          ".PP\nEach rule runs in a process of its own, so that a plugin may crash or hang in it; the memory that it "
          "is given ends at a page\n"
          "that nobody may touch. Of a broken rule the report tells the first case that was found: the file or tree, "
          "the call, and\n"
          "what to do.\n"
          ".PP\nThe more kinds of \\fIFILE\\fR, the more is found. A format that also writes is tried on what it wrote "
          "of some fifty trees;\n"
          "a transform is tried on tensors of every dtype.\n"
          ".SH OPTIONS\n",
          canon_version());
  for (size_t i = 0; i < N_OPTIONS; i++) put_entry(out, options[i].name, options[i].argument, options[i].summary);
  fprintf(out, ".SH RULES\n");
  for (size_t i = 0; i < manual->n_rules; i++) put_entry(out, manual->rules[i].name, "", manual->rules[i].summary);
  fprintf(out,
          ".SH EXIT STATUS\n.TP\n0\nit keeps them\n.TP\n1\nit does not\n.TP\n2\ntrouble\n"
          ".SH EXAMPLES\n.nf\ncanon\\-conform canon\\-idx.so train\\-images.idx\n"
          "canon\\-conform \\-\\-only threads canon\\-idx.so train\\-images.idx\n.fi\n"
          ".SH SEE ALSO\n\\fBcanon\\fR(1), \\fBcanon\\-plugins\\fR(1)\n");
}
