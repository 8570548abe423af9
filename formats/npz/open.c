/* SPDX-License-Identifier: MIT
 * open.c: from a source to a manifest: the archive, and the header of each array in it. */
#include <string.h>

#include "formats/common/flat.h"
#include "formats/common/text.h"
#include "formats/npz/npz.h"

/* Most headers have 128 bytes; a deflated one of more than version 1.0 has is a few bytes that claim much. What is no
 * array is small, or not read. */
enum { HEAD = 4096, MOST_HEAD = 12 + UINT16_MAX };

static int is_named_array(const zip_member *member) { return npz_is_array_name(member->name, member->name_size); }

static int is_folder(const zip_member *member) { return member->name[member->name_size - 1] == '/'; }

static int32_t check_name(canon_job *job, const npz_reader *reader, const zip_member *member) {
  int is_ascii = 1;
  for (uint32_t i = 0; i < member->name_size; i++) is_ascii &= (uint8_t)member->name[i] < 0x80;
  if (!is_ascii && !(member->flags & ZIP_FLAG_UTF8))
    return canon_fail(job, CANON_E_UNSUPPORTED, member->header,
                      "record %.*s: its name is in no known encoding; save the archive again with names in UTF-8",
                      ZIP_NAME(member));
  if (!is_ascii && text_utf8_prefix((const uint8_t *)member->name, member->name_size, 0) != member->name_size)
    return canon_fail(job, CANON_E_MALFORMED, member->header, "record %.*s: its name is not UTF-8", ZIP_NAME(member));
  if (is_named_array(member)) return CANON_OK;
  char *named = canon_alloc(job, (uint64_t)member->name_size + NPZ_SUFFIX_BYTES);
  if (!named) return canon_failed(job);
  memcpy(named, member->name, member->name_size);
  memcpy(named + member->name_size, NPZ_SUFFIX, NPZ_SUFFIX_BYTES);
  const zip_member *twin = zip_index_find(&reader->zip, named, (uint64_t)member->name_size + NPZ_SUFFIX_BYTES);
  canon_free(job, named);
  if (!twin) return CANON_OK;
  return canon_fail(job, CANON_E_MALFORMED, member->header,
                    "records %.*s and %.*s have one key: readers would take different ones", ZIP_NAME(member),
                    ZIP_NAME(twin));
}

/* The first bytes of what is deflated. */
typedef struct head {
  uint8_t *bytes;
  uint64_t size;
} head;

static int32_t inflate_head(canon_job *job, const npz_reader *reader, const zip_member *member, uint64_t size,
                            head *kept) {
  if (size > member->size) size = member->size;
  canon_free(job, kept->bytes);
  *kept = (head){.bytes = canon_alloc(job, size + 1), .size = size};
  if (!kept->bytes) return canon_failed(job);
  return zip_member_head(job, &reader->zip, member, kept->bytes, size);
}

/* How many bytes come before the elements, as far as the first twelve tell. */
static uint64_t header_bytes(const head *kept) {
  const uint8_t *at = kept->bytes;
  if (kept->size < 12) return 0;
  return 12 + (uint64_t)(at[6] == 1 ? canon_load_le16(at + 8) : canon_load_le32(at + 8));
}

static int has_magic(const uint8_t *bytes, uint64_t size) {
  return size >= NPY_MAGIC_BYTES && !memcmp(bytes, NPY_MAGIC, NPY_MAGIC_BYTES);
}

/* The first bytes of any record, as many as tell whether it is an array and, if it is deflated, its header. */
static int32_t read_head(canon_job *job, const npz_reader *reader, const zip_member *member, head *kept) {
  if (member->method == ZIP_STORED) {
    *kept = (head){.size = member->size < NPY_MAGIC_BYTES ? member->size : NPY_MAGIC_BYTES};
    kept->bytes = canon_alloc(job, NPY_MAGIC_BYTES);
    if (!kept->bytes) return canon_failed(job);
    return job->host->source_read(job, reader->zip.source, member->data, kept->bytes, kept->size);
  }
  int32_t code = inflate_head(job, reader, member, HEAD, kept);
  if (code || !has_magic(kept->bytes, kept->size)) return code;
  uint64_t wanted = header_bytes(kept);
  if (wanted <= HEAD || wanted > member->size) return CANON_OK;
  if (wanted > MOST_HEAD)
    return canon_fail(job, CANON_E_LIMIT, member->header,
                      "record %.*s: a deflated header of %" PRIu64 " bytes, the limit is %d", ZIP_NAME(member), wanted,
                      MOST_HEAD);
  return inflate_head(job, reader, member, wanted, kept);
}

/* "'<U5' [3], CRC-32 0x01020304", so that other contents are told apart, unless somebody made two of one checksum. */
static int32_t describe_opaque(canon_job *job, npz_array *array, canon_node *node) {
  char text[NPY_OPAQUE_BYTES + 22 * CANON_MAX_RANK + 40];
  const npy_header *header = &array->header;
  int n = snprintf(text, sizeof text, "'%s' [", header->opaque);
  for (uint32_t i = 0; i < header->rank; i++)
    n += snprintf(text + n, sizeof text - (size_t)n, "%s%" PRIu64, i ? ", " : "", header->shape[i]);
  n += snprintf(text + n, sizeof text - (size_t)n, "], CRC-32 0x%08" PRIx32, array->member->crc32);
  char *kept = canon_alloc(job, (uint64_t)n + 1);
  if (!kept) return canon_failed(job);
  memcpy(kept, text, (size_t)n);
  node->kind = CANON_NODE_OPAQUE;
  node->type = "numpy.ndarray";
  node->data = kept;
  node->data_size = (uint64_t)n;
  array->member = NULL;
  return CANON_OK;
}

static int32_t describe_array(canon_job *job, const canon_instance *instance, npz_reader *reader,
                              const zip_member *member, const head *kept, canon_node *node) {
  npz_array *array = &reader->arrays[reader->n_nodes - 1];
  npy_header *header = &array->header;
  array->member = member;
  array->bytes = (npy_bytes){.source = reader->zip.source,
                             .start = member->data,
                             .size = member->size,
                             .takes_opaque = 1,
                             .name_size = member->name_size,
                             .name = member->name};
  if (member->method != ZIP_STORED) {
    array->bytes.is_apart = 1;
    array->bytes.head = kept->bytes;
    array->bytes.head_size = kept->size;
  }
  int32_t code = npy_header_read(job, instance, &array->bytes, header);
  array->bytes.head = NULL;
  if (code) return code;
  uint64_t behind = member->size - header->data - header->bytes;
  if (behind)
    return npy_fail(job, &array->bytes, CANON_E_MALFORMED, header->data + header->bytes,
                    "%" PRIu64 " bytes after the array belong to nothing; save the array again", behind);
  if (!header->dtype) return describe_opaque(job, array, node);
  reader->by_numpy += header->spelled_by_numpy;
  reader->n_arrays++;
  node->kind = CANON_NODE_TENSOR;
  node->dtype = header->dtype;
  node->rank = header->rank;
  node->shape = header->shape;
  node->storage_bytes = header->bytes;
  node->offset = member->method == ZIP_STORED ? member->data + header->data : CANON_NONE;
  if (!npy_fortran_differs(header)) return CANON_OK;
  array->stride = canon_alloc(job, header->rank * sizeof *array->stride);
  if (!array->stride) return canon_failed(job);
  int64_t step = 1;
  for (uint32_t i = 0; i < header->rank; i++) {
    array->stride[i] = step;
    step *= (int64_t)header->shape[i];
  }
  node->stride = array->stride;
  return CANON_OK;
}

static int32_t describe_other(canon_job *job, npz_reader *reader, const zip_member *member, canon_node *node) {
  if (member->size > NPZ_MOST_OTHER)
    return canon_fail(job, CANON_E_UNSUPPORTED, member->header,
                      "record %.*s: %" PRIu64 " bytes that are no array; an archive of arrays holds small ones at most",
                      ZIP_NAME(member), member->size);
  uint8_t *bytes = canon_alloc(job, member->size + 1);
  if (!bytes) return canon_failed(job);
  node->data = bytes;
  node->data_size = member->size;
  node->kind = CANON_NODE_BYTES;
  reader->others++;
  return zip_member_load(job, &reader->zip, member, bytes);
}

static int32_t add_record(canon_job *job, const canon_instance *instance, npz_reader *reader,
                          const zip_member *member) {
  canon_node *node = &reader->nodes[reader->n_nodes];
  head kept = {NULL, 0};
  int32_t code = check_name(job, reader, member);
  if (!code) code = read_head(job, reader, member, &kept);
  if (!code) {
    *node = (canon_node){.target = CANON_NONE,
                         .key_kind = CANON_KEY_STR,
                         .key = member->name,
                         .key_size = member->name_size - (is_named_array(member) ? NPZ_SUFFIX_BYTES : 0),
                         .attribute_size = sizeof(canon_attribute),
                         .storage = CANON_NONE,
                         .offset = CANON_NONE};
    reader->deflated += member->method == ZIP_DEFLATED;
    code = is_named_array(member) || has_magic(kept.bytes, kept.size)
               ? describe_array(job, instance, reader, member, &kept, node)
               : describe_other(job, reader, member, node);
    reader->n_nodes++;
  }
  canon_free(job, kept.bytes);
  return code;
}

static int32_t add_records(canon_job *job, const canon_instance *instance, npz_reader *reader) {
  uint64_t n = reader->zip.n_members, folders = 0;
  int32_t code = CANON_OK;
  reader->nodes = canon_alloc(job, (n + 1) * sizeof *reader->nodes);
  reader->arrays = reader->nodes ? canon_alloc(job, (n + 1) * sizeof *reader->arrays) : NULL;
  if (!reader->arrays) return canon_failed(job);
  for (; reader->n_locks < n; reader->n_locks++)
    if (pthread_mutex_init(&reader->arrays[reader->n_locks].lock, NULL))
      return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "no lock for an array");
  reader->nodes[reader->n_nodes++] = (canon_node){.kind = CANON_NODE_DICT,
                                                  .parent = CANON_NONE,
                                                  .target = CANON_NONE,
                                                  .attribute_size = sizeof(canon_attribute),
                                                  .storage = CANON_NONE,
                                                  .offset = CANON_NONE};
  for (uint64_t i = 0; i < n && !code; i++) {
    if (is_folder(&reader->zip.members[i])) folders++;
    else code = add_record(job, instance, reader, &reader->zip.members[i]);
  }
  if (!code && folders) job->host->count(job, "folder of the archive, not read", folders);
  return code;
}

int32_t npz_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **out) {
  npz_reader *reader = canon_alloc(job, sizeof *reader);
  if (!reader) return canon_failed(job);
  if (pthread_mutex_init(&reader->lock, NULL)) {
    canon_free(job, reader);
    return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "no lock for the reader");
  }
  *out = reader;
  int32_t code = zip_index_open(job, source, &reader->zip);
  if (!code && reader->zip.trailing) {
    canon_log(job, CANON_LOG_WARNING, "%" PRIu64 " bytes after the archive are no part of it", reader->zip.trailing);
    job->host->count(job, "bytes after the archive, not read", reader->zip.trailing);
  }
  return code ? code : add_records(job, instance, reader);
}

int32_t npz_manifest(canon_job *job, void *self, canon_manifest *manifest) {
  npz_reader *reader = self;
  (void)job;
  reader->details[0] = (canon_detail){"arrays", NULL, (int64_t)reader->n_arrays};
  reader->details[1] = (canon_detail){"deflated", NULL, (int64_t)reader->deflated};
  reader->details[2] = (canon_detail){"other_records", NULL, (int64_t)reader->others};
  manifest->node_size = sizeof(canon_node);
  manifest->nodes = reader->nodes;
  manifest->n_nodes = reader->n_nodes;
  manifest->producer = reader->n_arrays && reader->by_numpy == reader->n_arrays ? "numpy" : NULL;
  manifest->details = reader->details;
  manifest->n_details = reader->others ? 3 : 2;
  manifest->detail_size = sizeof(canon_detail);
  return CANON_OK;
}

void npz_close(canon_job *job, void *self) {
  npz_reader *reader = self;
  for (uint64_t i = 0; i < reader->n_locks; i++) {
    npz_array *array = &reader->arrays[i];
    canon_free(job, array->turned.memory);
    canon_free(job, array->stride);
    pthread_mutex_destroy(&array->lock);
  }
  for (uint64_t i = 1; reader->nodes && i <= reader->zip.n_members; i++)
    if (reader->nodes[i].kind == CANON_NODE_BYTES || reader->nodes[i].kind == CANON_NODE_OPAQUE)
      canon_free(job, (void *)(uintptr_t)reader->nodes[i].data);
  canon_free(job, reader->arrays);
  canon_free(job, reader->nodes);
  zip_index_close(job, &reader->zip);
  pthread_mutex_destroy(&reader->lock);
  canon_free(job, reader);
}
