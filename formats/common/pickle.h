/* SPDX-License-Identifier: MIT
 * pickle.h: what a Python pickle describes, without doing any of it. Protocols 0 to 5 become a graph of values in which
 * every call is a record of what would have been called with what; the format that asked gives a meaning to the few
 * names it knows. Nothing is imported, called or looked up. Used by pt. */
#ifndef CANON_FORMATS_PICKLE_H
#define CANON_FORMATS_PICKLE_H

#include "formats/common/arena.h"

/* Kinds of value, and the member of the union that holds it. */
#define PICKLE_NONE 1
#define PICKLE_BOOL 2        /* number */
#define PICKLE_INT 3         /* number: at most 8 bytes */
#define PICKLE_LONG 4        /* text: more than 8 bytes, two's complement, little-endian, shortest */
#define PICKLE_FLOAT 5       /* number: binary64, little-endian */
#define PICKLE_STR 6         /* text: UTF-8; a lone surrogate as its three bytes */
#define PICKLE_BYTES 7       /* text */
#define PICKLE_BYTEARRAY 8   /* text */
#define PICKLE_LIST 9        /* items */
#define PICKLE_TUPLE 10      /* items */
#define PICKLE_DICT 11       /* items: key, value, key, value, ... as set, repeated keys included */
#define PICKLE_SET 12        /* items */
#define PICKLE_FROZENSET 13  /* items */
#define PICKLE_GLOBAL 14     /* global: a module's name for something */
#define PICKLE_PERSISTENT 15 /* id: something that lies outside of the pickle */
#define PICKLE_OBJECT 16     /* call: what a call would have given */

#define PICKLE_MEMOIZED 1u /* the pickle gave it a number, to use it again */
#define PICKLE_HASHABLE 2u /* tuple: all of it could be a key */

/* What a known name may be used for; an unknown one may be used for everything, since nothing happens. */
#define PICKLE_CALL 1u    /* REDUCE */
#define PICKLE_NEW 2u     /* NEWOBJ, NEWOBJ_EX, INST, OBJ: it is a class */
#define PICKLE_ITEMS 4u   /* what it gives takes APPEND(S), ADDITEMS */
#define PICKLE_ENTRIES 8u /* ... SETITEM(S) */
#define PICKLE_STATE 16u  /* ... BUILD */

typedef struct pickle_class {
  const char *module;
  const char *name;
  uint32_t uses; /* PICKLE_CALL ... */
} pickle_class;

typedef struct pickle_value pickle_value;

typedef struct pickle_global {
  const pickle_class *known; /* NULL: the format does not know it */
  const char *text;          /* "module.name" */
} pickle_global;

typedef struct pickle_call {
  pickle_value *callable;  /* PICKLE_GLOBAL */
  pickle_value *arguments; /* PICKLE_TUPLE */
  pickle_value *keywords;  /* PICKLE_DICT or NULL; empty where the name is known */
  pickle_value *state;     /* given by BUILD, or NULL */
  pickle_value *items;     /* PICKLE_LIST of what was appended, or NULL */
  pickle_value *entries;   /* PICKLE_DICT of what was set, or NULL */
  void *meaning;           /* the format's own */
} pickle_call;

struct pickle_value {
  uint8_t kind;
  uint8_t flags;
  uint16_t reserved;
  uint32_t node;     /* the format's own; 0 at first */
  uint64_t position; /* of the opcode that made it */
  union {
    struct {
      uint8_t bytes[8];
      uint32_t size;
    } number;
    struct {
      const uint8_t *bytes;
      uint64_t size;
    } text;
    struct {
      pickle_value **at;
      uint32_t n, capacity;
    } items;
    const pickle_global *global;
    pickle_value *id;
    pickle_call *call;
  } as;
};

/* The known class of this name, or NULL. Names are not terminated. */
typedef const pickle_class *(*pickle_finder)(const char *module, uint64_t module_size, const char *name,
                                             uint64_t name_size);

typedef struct pickle {
  const uint8_t *bytes; /* borrowed; values point into them */
  uint64_t size;
  uint64_t origin; /* byte of the source at which these bytes lie as they are; CANON_NONE where they do not */
  pickle_finder find;
  /* what pickle_run fills */
  pickle_value *root;
  uint64_t used;     /* bytes up to and with STOP */
  uint32_t protocol; /* as PROTO says; 0 without one */
  arena memory;      /* where values live; the format may put its own there */
} pickle;

/* Reads one pickle. A name that starts programs, runs code or reaches files is refused as CANON_E_UNSAFE. */
int32_t pickle_run(canon_job *job, pickle *p);
void pickle_free(canon_job *job, pickle *p);

/* Fails with the byte of the source, or with that of the pickle where the source has it compressed. */
#if defined(__GNUC__)
__attribute__((format(printf, 5, 6)))
#endif
int32_t
pickle_fail(canon_job *job, const pickle *p, int32_t code, uint64_t position, const char *format, ...);

/* A new value in the pickle's memory, or NULL after a recorded failure. */
pickle_value *pickle_value_new(canon_job *job, pickle *p, uint8_t kind, uint64_t position);
/* One more item of a list, tuple, set or dict. */
int32_t pickle_value_add(canon_job *job, pickle *p, pickle_value *container, pickle_value *item);

/* 1 and *result for an int that fits; 0 for everything else, bool included. */
int pickle_to_i64(const pickle_value *value, int64_t *result);
/* Is it this str? */
int pickle_is_str(const pickle_value *value, const char *text);
/* Is it what a call of a known class gives, and of which? NULL: no. */
const pickle_class *pickle_called(const pickle_value *value);
/* "a list", "the result of module.name": for messages; buffer holds at least PICKLE_DESCRIPTION. */
#define PICKLE_DESCRIPTION 160
const char *pickle_describe(const pickle_value *value, char *buffer);

#endif
