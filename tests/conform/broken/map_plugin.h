/* SPDX-License-Identifier: MIT
 * map_plugin.h: makes a plugin of map.h and what was defined in front of this. */
#ifndef MAP_FLAGS
#define MAP_FLAGS CANON_TRANSFORM_IN_PLACE
#endif
#ifndef MAP_OPEN
#define MAP_OPEN map_open
#endif
#ifndef MAP_PLAN
#define MAP_PLAN map_plan
#endif
#ifndef MAP_MAP
#define MAP_MAP map_map
#endif

static const canon_variant map_variants[] = {{"bits", "0 to 1 and 1 to 0", CANON_EXACT, 0}};

static const canon_transform map_transform = {
    .struct_size = sizeof(canon_transform),
    .flags = MAP_FLAGS,
    .name = "flip",
    .argument = "WHAT",
    .summary = "flip each bit",
    .variants = map_variants,
    .n_variants = 1,
    .variant_size = sizeof(canon_variant),
    .open = MAP_OPEN,
    .plan = MAP_PLAN,
    .map = MAP_MAP,
    .close = canon_free,
#ifdef MAP_REDUCES
    .begin = map_begin,
    .add = map_add,
    .merge = map_merge,
    .finish = map_finish,
#endif
};

CANON_PLUGIN("org.example.flip", "1.0.0", "MIT", "flips bits", {CANON_TRANSFORM_FACET, &map_transform})
