/* SPDX-License-Identifier: MIT
 * storage.c: the bytes behind tensors. A stored record is read from the source as it lies; a deflated one is inflated
 * once. No byte is handed out as right before its record's CRC-32 was compared: at once where a record is looked at in
 * parts or out of order, or with the last part where one tensor reads it from end to end in ranges, in whatever order.
 * Threads: one lock a storage guards its pieces and the inflating; checked storages are read without locks. */
#include <inttypes.h>
#include <string.h>

#include <zlib.h>

#include "formats/pt/pt.h"

enum { INFLATED_IN_MEMORY = 4 << 20, ALL_INFLATED_IN_MEMORY = 32 << 20, MOST_PIECES = 1024 };

/* Bytes [start, end) and their CRC-32. Pieces never touch or overlap: what touches is merged. */
typedef struct pt_piece {
  uint64_t start, end;
  uint32_t crc32;
} pt_piece;

static pt_storage *storage_new(canon_job *job, pt_reader *reader) {
  pt_storage *storage = arena_alloc(job, &reader->pickle.memory, sizeof *storage);
  if (!storage) return NULL;
  storage->id = reader->n_storages++;
  storage->start = storage->scratch = CANON_NONE;
  storage->big_endian = reader->big_endian;
  return storage;
}

pt_storage *pt_storage_in_memory(canon_job *job, pt_reader *reader, const uint8_t *bytes, uint64_t size,
                                 uint64_t start) {
  pt_storage *storage = storage_new(job, reader);
  if (!storage) return NULL;
  storage->bytes = size;
  storage->memory = bytes;
  storage->start = start;
  atomic_store(&storage->checked, 1);
  return storage;
}

/* ('storage', class, key, location, numel): the class, the key and how many bytes that makes. */
static int32_t read_id(canon_job *job, const pt_reader *reader, const pickle_value *value, const pt_class **class,
                       const pickle_value **key, uint64_t *bytes) {
  const pickle_value *id = value->as.id;
  char name[PICKLE_DESCRIPTION];
  int64_t numel;
  if (id->kind != PICKLE_TUPLE || id->as.items.n != 5 || !pickle_is_str(id->as.items.at[0], "storage"))
    return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, value->position,
                       "a persistent id that is %s, not ('storage', class, key, location, numel)%s",
                       pickle_describe(id, name),
                       id->kind == PICKLE_STR ? "; protocol 0 writes such: save with pickle_protocol=2" : "");
  pickle_value **at = id->as.items.at;
  *class = pt_global(at[1]);
  if (!*class || !((*class)->detail & PT_IS_STORAGE))
    return pickle_fail(job, &reader->pickle, CANON_E_UNSUPPORTED, value->position,
                       "%s is no storage class that canon knows", pickle_describe(at[1], name));
  *key = at[2];
  if ((*key)->kind != PICKLE_STR || at[3]->kind != PICKLE_STR || !pickle_to_i64(at[4], &numel) || numel < 0)
    return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, value->position,
                       "a storage whose key, location and size are not two strs and an int");
  if (!canon_mul((uint64_t)numel, canon_dtype_size((*class)->dtype), bytes))
    return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, value->position,
                       "a storage of %" PRId64 " elements, more than 64 bits of bytes", numel);
  return CANON_OK;
}

static const zip_member *find_record(canon_job *job, const pt_reader *reader, const pickle_value *key) {
  uint64_t size = key->as.text.size;
  char *name = canon_alloc(job, size + 5);
  if (!name) return NULL;
  memcpy(name, "data/", 5);
  memcpy(name + 5, key->as.text.bytes, size);
  const zip_member *member = pt_record(reader, name, size + 5);
  canon_free(job, name);
  if (!member)
    pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, key->position,
                "record %.*s/data/%.*s is missing, a tensor needs it",
                (int)(reader->top_size < 80 ? reader->top_size : 80), reader->top, (int)(size < 80 ? size : 80),
                (const char *)key->as.text.bytes);
  return member;
}

/* The storage of a record that no tensor used before. */
static int32_t open_record(canon_job *job, pt_reader *reader, const zip_member *member, const pt_class *class,
                           uint64_t bytes, pt_storage **slot) {
  if (member->size != bytes)
    return canon_fail(job, CANON_E_MALFORMED, member->data,
                      "record %.*s has %" PRIu64 " bytes, its tensors need %" PRIu64, ZIP_NAME(member), member->size,
                      bytes);
  int32_t code = bytes ? CANON_OK : zip_member_check(job, member, 0);
  if (code) return code;
  pt_storage *storage = storage_new(job, reader);
  if (!storage) return canon_failed(job);
  if (pthread_mutex_init(&storage->lock, NULL))
    return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "no lock for a storage");
  storage->class = &class->pickle;
  storage->member = member;
  storage->bytes = bytes;
  if (member->method == ZIP_STORED) storage->start = member->data;
  *slot = storage;
  return CANON_OK;
}

int32_t pt_storage_of(canon_job *job, pt_reader *reader, const pickle_value *value, pt_storage **storage) {
  const pt_class *class = NULL;
  const pickle_value *key = NULL;
  uint64_t bytes = 0;
  char name[PICKLE_DESCRIPTION];
  if (value->kind != PICKLE_PERSISTENT)
    return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, value->position, "%s where a storage must be",
                       pickle_describe(value, name));
  int32_t code = read_id(job, reader, value, &class, &key, &bytes);
  if (code) return code;
  const zip_member *member = find_record(job, reader, key);
  if (!member) return canon_failed(job);
  pt_storage **slot = &reader->storage_of[member - reader->zip.members];
  if (*slot && ((*slot)->class != &class->pickle || (*slot)->bytes != bytes))
    return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, value->position,
                       "record %.*s is a %s of %" PRIu64 " bytes here, a %s of %" PRIu64 " elsewhere", ZIP_NAME(member),
                       class->pickle.name, bytes, (*slot)->class->name, (*slot)->bytes);
  if (!*slot) {
    code = open_record(job, reader, member, class, bytes, slot);
    if (code) return code;
  }
  *storage = *slot;
  return CANON_OK;
}

void pt_storage_close(canon_job *job, pt_reader *reader) {
  for (uint64_t i = 0; reader->storage_of && i < reader->zip.n_members; i++) {
    pt_storage *storage = reader->storage_of[i];
    if (!storage) continue;
    canon_free(job, storage->pieces);
    /* what was inflated lies in memory of its own; the content of a stored record never lies in memory */
    canon_free(job, (void *)(uintptr_t)storage->memory);
    pthread_mutex_destroy(&storage->lock);
  }
  canon_free(job, reader->storage_of);
}

typedef struct scratch_writer {
  canon_sink *sink;
  uint64_t start;
} scratch_writer;

static int32_t write_scratch(canon_job *job, void *context, uint64_t offset, const uint8_t *bytes, uint64_t size) {
  const scratch_writer *writer = context;
  return job->host->sink_write(job, writer->sink, writer->start + offset, bytes, size);
}

/* Where the content of an inflated record goes: into memory, or into a part of the scratch file that is its own. */
static int32_t inflated_place(canon_job *job, pt_reader *reader, pt_storage *storage, uint8_t **memory,
                              scratch_writer *writer) {
  int32_t code = CANON_OK;
  *memory = NULL;
  pthread_mutex_lock(&reader->lock);
  if (storage->bytes <= INFLATED_IN_MEMORY && reader->inflated + storage->bytes <= ALL_INFLATED_IN_MEMORY) {
    *memory = canon_alloc(job, storage->bytes + 1);
    if (*memory) reader->inflated += storage->bytes;
    else code = canon_failed(job);
  } else {
    if (!reader->scratch_sink) code = job->host->scratch(job, &reader->scratch_sink, &reader->scratch_source);
    *writer = (scratch_writer){reader->scratch_sink, reader->scratch_used};
    if (!code) reader->scratch_used += storage->bytes;
  }
  pthread_mutex_unlock(&reader->lock);
  return code;
}

static int32_t inflate_storage(canon_job *job, pt_reader *reader, pt_storage *storage) {
  uint8_t *memory;
  scratch_writer writer;
  int32_t code = inflated_place(job, reader, storage, &memory, &writer);
  if (code) return code;
  if (memory) {
    code = zip_member_load(job, &reader->zip, storage->member, memory);
    if (code) canon_free(job, memory);
    else storage->memory = memory;
    return code;
  }
  code = zip_member_stream(job, &reader->zip, storage->member, write_scratch, &writer);
  if (!code) storage->scratch = writer.start;
  return code;
}

static int32_t ignore_piece(canon_job *job, void *context, uint64_t offset, const uint8_t *bytes, uint64_t size) {
  (void)job, (void)context, (void)offset, (void)bytes, (void)size;
  return CANON_OK;
}

/* Under the storage's lock. */
static int32_t check_locked(canon_job *job, pt_reader *reader, pt_storage *storage) {
  if (atomic_load_explicit(&storage->checked, memory_order_acquire)) return CANON_OK;
  int32_t code = storage->member->method == ZIP_STORED
                     ? zip_member_stream(job, &reader->zip, storage->member, ignore_piece, NULL)
                     : inflate_storage(job, reader, storage);
  if (!code) atomic_store_explicit(&storage->checked, 1, memory_order_release);
  return code;
}

int32_t pt_storage_check(canon_job *job, pt_reader *reader, pt_storage *storage) {
  if (atomic_load_explicit(&storage->checked, memory_order_acquire)) return CANON_OK;
  pthread_mutex_lock(&storage->lock);
  int32_t code = check_locked(job, reader, storage);
  pthread_mutex_unlock(&storage->lock);
  return code;
}

int32_t pt_storage_fetch(canon_job *job, const pt_reader *reader, const pt_storage *storage, uint64_t offset, void *dst,
                         uint64_t bytes) {
  if (bytes == 0) return CANON_OK;
  if (storage->memory) {
    memcpy(dst, storage->memory + offset, bytes);
    return CANON_OK;
  }
  if (storage->scratch != CANON_NONE)
    return job->host->source_read(job, reader->scratch_source, storage->scratch + offset, dst, bytes);
  return job->host->source_read(job, reader->zip.source, storage->start + offset, dst, bytes);
}

static int32_t insert_piece(canon_job *job, pt_storage *storage, uint64_t i, const pt_piece *piece) {
  if (storage->n_pieces == storage->pieces_capacity) {
    uint64_t capacity = storage->pieces_capacity ? storage->pieces_capacity * 2 : 8;
    pt_piece *larger = canon_resize(job, storage->pieces, capacity * sizeof *larger);
    if (!larger) return canon_failed(job);
    storage->pieces = larger;
    storage->pieces_capacity = capacity;
  }
  memmove(&storage->pieces[i + 1], &storage->pieces[i], (storage->n_pieces - i) * sizeof *storage->pieces);
  storage->pieces[i] = *piece;
  storage->n_pieces++;
  return CANON_OK;
}

/* Appends the piece after piece i - 1 where they touch. */
static void merge_with_left(pt_storage *storage, uint64_t i) {
  if (i == 0 || i >= storage->n_pieces || storage->pieces[i - 1].end != storage->pieces[i].start) return;
  pt_piece *left = &storage->pieces[i - 1], *right = &storage->pieces[i];
  left->crc32 = (uint32_t)crc32_combine(left->crc32, right->crc32, (z_off_t)(right->end - right->start));
  left->end = right->end;
  memmove(right, right + 1, (storage->n_pieces - i - 1) * sizeof *right);
  storage->n_pieces--;
}

/* Under the storage's lock. A range that overlaps others only in part has told nothing new that could be combined, and
 * many small ranges are dear to keep: then the whole record is read once more. */
static int32_t add_piece(canon_job *job, pt_reader *reader, pt_storage *storage, const pt_piece *piece) {
  uint64_t i = 0, high = storage->n_pieces;
  while (i < high) {
    uint64_t middle = i + (high - i) / 2;
    if (storage->pieces[middle].end <= piece->start) i = middle + 1;
    else high = middle;
  }
  int is_known =
      i < storage->n_pieces && storage->pieces[i].start <= piece->start && piece->end <= storage->pieces[i].end;
  int overlaps = !is_known && i < storage->n_pieces && storage->pieces[i].start < piece->end;
  if (overlaps || storage->n_pieces >= MOST_PIECES) return check_locked(job, reader, storage);
  int32_t code = is_known ? CANON_OK : insert_piece(job, storage, i, piece);
  if (code) return code;
  if (!is_known) {
    merge_with_left(storage, i + 1);
    merge_with_left(storage, i);
  }
  if (storage->pieces[0].start != 0 || storage->pieces[0].end != storage->bytes) return CANON_OK;
  code = zip_member_check(job, storage->member, storage->pieces[0].crc32);
  if (!code) atomic_store_explicit(&storage->checked, 1, memory_order_release);
  return code;
}

int32_t pt_storage_fetch_part(canon_job *job, pt_reader *reader, pt_storage *storage, uint64_t offset, void *dst,
                              uint64_t bytes) {
  if (atomic_load_explicit(&storage->checked, memory_order_acquire) || storage->member->method != ZIP_STORED) {
    int32_t code = pt_storage_check(job, reader, storage);
    return code ? code : pt_storage_fetch(job, reader, storage, offset, dst, bytes);
  }
  int32_t code = pt_storage_fetch(job, reader, storage, offset, dst, bytes);
  if (code || bytes == 0) return code;
  pt_piece piece = {offset, offset + bytes, zip_crc32(job, 0, dst, bytes)};
  pthread_mutex_lock(&storage->lock);
  if (!atomic_load_explicit(&storage->checked, memory_order_acquire)) code = add_piece(job, reader, storage, &piece);
  pthread_mutex_unlock(&storage->lock);
  return code;
}
