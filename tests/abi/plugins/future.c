/* SPDX-License-Identifier: MIT
 * future.c: a plugin of the future: a higher minor version, every table and every struct of an array longer than this
 * host knows, with something in what is behind, and a facet that nobody has heard of. */
#include "tests/conform/broken/map.h"
#include "tests/conform/broken/one.h"

#define MORE uint64_t more[3]
#define FULL \
  { UINT64_MAX, 0x5a5a5a5a5a5a5a5a, 1 }

static const struct longer_option {
  canon_option base;
  MORE;
} options[] = {{{"first", NULL, "one option of the future", CANON_OPTION_FLAG, 0}, FULL},
               {{"second", "N", "and another one", CANON_OPTION_INTEGER, 0}, FULL}};

static const struct longer_variant {
  canon_variant base;
  MORE;
} variants[] = {{{"bits", "0 to 1 and 1 to 0", CANON_EXACT, 0}, FULL},
                {{"nothing", "this one is refused", CANON_EXACT, 0}, FULL}};

static const struct longer_shorthand {
  canon_shorthand base;
  MORE;
} shorthands[] = {{{"flip-none", "nothing"}, FULL}, {{"flip-bits", "bits"}, FULL}};

struct future {
  struct one one;
  struct longer_node {
    canon_node base;
    MORE;
  } nodes[3];
  struct longer_detail {
    canon_detail base;
    MORE;
  } details[2];
};

static int32_t future_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **reader) {
  int32_t code = one_open(job, instance, source, reader);
  if (code) return code;
  struct future *future = canon_resize(job, *reader, sizeof *future);
  if (!future) return canon_failed(job);
  *reader = future;
  future->one.tensor.shape = &future->one.n;
  return CANON_OK;
}

/* A dict of the tensor and a None. */
static int32_t future_manifest(canon_job *job, void *reader, canon_manifest *manifest) {
  struct future *future = (struct future *)reader;
  (void)job;
  memset(future->nodes, 0xee, sizeof future->nodes);
  for (int i = 0; i < 3; i++) {
    canon_node *node = &future->nodes[i].base;
    *node = i == 1 ? future->one.tensor : (canon_node){.kind = i ? CANON_NODE_NONE : CANON_NODE_DICT};
    node->parent = i ? 0 : CANON_NONE;
    node->key_kind = i ? CANON_KEY_STR : CANON_KEY_NONE_AT_ROOT;
    node->key = i == 0 ? NULL : i == 1 ? "tensor" : "nothing";
    node->key_size = i == 0 ? 0 : i == 1 ? 6 : 7;
  }
  for (int i = 0; i < 2; i++)
    future->details[i] = (struct longer_detail){{i ? "second" : "first", i ? "two" : NULL, 1}, FULL};
  manifest->node_size = sizeof future->nodes[0];
  manifest->nodes = &future->nodes[0].base;
  manifest->n_nodes = 3;
  manifest->detail_size = sizeof future->details[0];
  manifest->details = &future->details[0].base;
  manifest->n_details = 2;
  return CANON_OK;
}

static const struct {
  canon_format base;
  MORE;
} format = {{
                .struct_size = sizeof(canon_format) + sizeof(uint64_t[3]),
                .flags = CANON_FORMAT_RANDOM,
                .name = "one",
                .suffixes = "one",
                .summary = "bytes behind a header",
                .options = &options[0].base,
                .n_options = 2,
                .option_size = sizeof options[0],
                .probe = one_probe,
                .open = future_open,
                .manifest = future_manifest,
                .read = one_read,
                .close = canon_free,
                .can_write = one_can_write,
                .begin = one_begin,
                .place = one_place,
                .release = canon_free,
            },
            FULL};

static const struct {
  canon_transform base;
  MORE;
} transform = {{
                   .struct_size = sizeof(canon_transform) + sizeof(uint64_t[3]),
                   .name = "flip",
                   .argument = "WHAT",
                   .summary = "flip each bit",
                   .variants = &variants[0].base,
                   .n_variants = 2,
                   .shorthands = &shorthands[0].base,
                   .n_shorthands = 2,
                   .variant_size = sizeof variants[0],
                   .shorthand_size = sizeof shorthands[0],
                   .open = map_open,
                   .plan = map_plan,
                   .map = map_map,
                   .close = canon_free,
               },
               FULL};

static const uint32_t unheard_of[4] = {sizeof unheard_of, UINT32_MAX, UINT32_MAX, UINT32_MAX};

static const struct longer_facet {
  canon_facet base;
  MORE;
} facets[] = {{{"org.example.unheard-of/7", unheard_of}, FULL},
              {{CANON_FORMAT_FACET, &format}, FULL},
              {{"canon.format/2", unheard_of}, FULL},
              {{CANON_TRANSFORM_FACET, &transform}, FULL}};

static const struct {
  canon_plugin base;
  MORE;
} plugin = {{
                .struct_size = sizeof(canon_plugin) + sizeof(uint64_t[3]),
                .abi_major = CANON_ABI_MAJOR,
                .abi_minor = CANON_ABI_MINOR + 7,
                .id = "org.example.future",
                .version = "9.0.0",
                .license = "MIT",
                .summary = "of the future",
                .facets = &facets[0].base,
                .n_facets = 4,
                .facet_size = sizeof facets[0],
            },
            FULL};

CANON_PLUGIN_ENTRY(&plugin.base)
