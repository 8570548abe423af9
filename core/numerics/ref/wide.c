/* SPDX-License-Identifier: MIT
 * wide.c: see wide.h. */
#include "core/numerics/ref/wide.h"

/* 2^32 as a digit */
#define RADIX (INT64_C(1) << 32)

/* Leaves every digit in [0, 2^32), but the last, which keeps the sign. */
static void carry(struct wide *wide) {
  for (int i = 0; i + 1 < WIDE_DIGITS; i++) {
    int64_t low = (int64_t)(uint32_t)wide->digit[i];
    wide->digit[i + 1] += (wide->digit[i] - low) / RADIX;
    wide->digit[i] = low;
  }
  wide->pending = 0;
}

void wide_add(struct wide *wide, int negative, uint64_t significand, int32_t exponent) {
  uint32_t position = (uint32_t)(exponent - WIDE_LOWEST);
  uint32_t shift = position % 32;
  uint64_t low = significand << shift;
  uint64_t high = shift ? significand >> (64 - shift) : 0;
  int64_t part[3] = {(int64_t)(uint32_t)low, (int64_t)(low >> 32), (int64_t)high};
  int64_t *digit = wide->digit + position / 32;
  for (int i = 0; i < 3; i++) digit[i] += negative ? -part[i] : part[i];
  if (++wide->pending == WIDE_PENDING) carry(wide);
}

/* a * b as high * 2^64 + low */
static void multiply(uint64_t a, uint64_t b, uint64_t *high, uint64_t *low) {
  uint64_t a_high = a >> 32, a_low = (uint32_t)a, b_high = b >> 32, b_low = (uint32_t)b;
  uint64_t lowest = a_low * b_low;
  uint64_t middle = a_high * b_low + (lowest >> 32), other = a_low * b_high + (uint32_t)middle; /* below 2^64 both */
  *high = a_high * b_high + (middle >> 32) + (other >> 32);
  *low = other << 32 | (uint32_t)lowest;
}

void wide_add_product(struct wide *wide, int negative, uint64_t a, uint64_t b, int32_t exponent) {
  uint64_t high, low;
  multiply(a, b, &high, &low);
  wide_add(wide, negative, low, exponent);
  if (high) wide_add(wide, negative, high, exponent + 64);
}

void wide_add_square(struct wide *wide, uint64_t significand, int32_t exponent) {
  wide_add_product(wide, 0, significand, significand, 2 * exponent);
}

void wide_merge(struct wide *into, const struct wide *from) {
  struct wide carried = *from;
  carry(&carried);
  carry(into);
  for (int i = 0; i < WIDE_DIGITS; i++) into->digit[i] += carried.digit[i];
  into->pending = 1;
}

void wide_subtract(struct wide *from, const struct wide *what) {
  struct wide negative = *what;
  for (int i = 0; i < WIDE_DIGITS; i++) negative.digit[i] = -negative.digit[i];
  wide_merge(from, &negative);
}

int wide_compare_square(const struct wide *wide, uint64_t significand, int32_t exponent) {
  struct wide difference = *wide;
  int64_t rest = 0, carried = 0;
  int first = 0, last = WIDE_DIGITS - 1;
  wide_add_product(&difference, 1, significand, significand, 2 * exponent);
  while (first <= last && difference.digit[first] == 0) first++;
  while (last >= first && difference.digit[last] == 0) last--;
  /* carry(), as far as the sign needs it: what goes out of the last digit has it, or else what stays in the others. */
  for (int i = first; i <= last; i++) {
    int64_t digit = difference.digit[i] + carried;
    int64_t kept = (int64_t)(uint32_t)digit;
    carried = (digit - kept) / RADIX;
    rest |= kept;
  }
  return carried < 0 ? -1 : carried > 0 || rest != 0;
}

/* |value| with all digits in [0, 2^32); whether the value is negative. */
static int magnitude(const struct wide *wide, struct wide *result) {
  *result = *wide;
  carry(result);
  int negative = result->digit[WIDE_DIGITS - 1] < 0;
  if (negative) {
    for (int i = 0; i < WIDE_DIGITS; i++) result->digit[i] = -result->digit[i];
    carry(result);
  }
  return negative;
}

/* Place of the leading bit of a magnitude, counted from the lowest bit; -1 for zero. */
static int32_t leading(const struct wide *wide) {
  int32_t i = WIDE_DIGITS - 1;
  while (i >= 0 && wide->digit[i] == 0) i--;
  return i < 0 ? -1 : 32 * i + bit_length((uint64_t)wide->digit[i]) - 1;
}

static uint64_t bit(const struct wide *wide, int32_t place) {
  if (place < 0 || place >= 32 * WIDE_DIGITS) return 0;
  return (uint64_t)wide->digit[place / 32] >> (place % 32) & 1;
}

/* The 64 bits from this place up; places outside of the number hold zeros. */
static uint64_t bits(const struct wide *wide, int32_t place) {
  uint64_t result = 0;
  for (int32_t i = 63; i >= 0; i--) result = result << 1 | bit(wide, place + i);
  return result;
}

static int any_below(const struct wide *wide, int32_t place) {
  for (int32_t i = 0; 32 * i < place; i++) {
    uint64_t digit = (uint64_t)wide->digit[i];
    if (place - 32 * i < 32) digit &= (UINT64_C(1) << (place - 32 * i)) - 1;
    if (digit) return 1;
  }
  return 0;
}

struct number wide_value(const struct wide *wide) {
  struct wide whole;
  struct number number = {.kind = NUMBER_FINITE};
  number.negative = magnitude(wide, &whole);
  int32_t lowest = leading(&whole) - 63;
  number.significand = bits(&whole, lowest);
  number.exponent = WIDE_LOWEST + lowest;
  number.more = any_below(&whole, lowest);
  return number;
}

struct number wide_divide(const struct wide *wide, uint64_t count) {
  struct wide whole;
  struct number number = {.kind = NUMBER_FINITE};
  number.negative = magnitude(wide, &whole);
  int32_t place = leading(&whole);
  if (place < 0) return number;
  /* Long division in binary, until 63 digits of the quotient stand behind its first one. */
  uint64_t rest = 0;
  for (; !(number.significand >> 63); place--) {
    rest = rest << 1 | bit(&whole, place);
    number.significand <<= 1;
    if (rest >= count) {
      rest -= count;
      number.significand |= 1;
    }
  }
  number.exponent = WIDE_LOWEST + place + 1;
  number.more = rest != 0 || any_below(&whole, place + 1);
  return number;
}

struct number wide_sqrt(const struct wide *wide) {
  struct wide whole;
  struct number number = {.kind = NUMBER_FINITE};
  magnitude(wide, &whole);
  int32_t place = leading(&whole);
  if (place < 0) return number;
  /* With v the leading 127 or 128 bits, so that an even power of two is left: floor(sqrt(value)) = floor(sqrt(v))
   * there, found bit by bit, and there is more unless v is its square and no bit was left out. */
  int32_t lowest = place - 127;
  if (lowest % 2) lowest++;
  uint64_t high = bits(&whole, lowest + 64), low = bits(&whole, lowest);
  uint64_t square_high = 0, square_low = 0;
  for (uint64_t step = UINT64_C(1) << 63; step; step >>= 1) {
    uint64_t trial = number.significand | step, trial_high, trial_low;
    multiply(trial, trial, &trial_high, &trial_low);
    if (trial_high < high || (trial_high == high && trial_low <= low)) {
      number.significand = trial;
      square_high = trial_high;
      square_low = trial_low;
    }
  }
  number.exponent = (WIDE_LOWEST + lowest) / 2;
  number.more = square_high != high || square_low != low || any_below(&whole, lowest);
  return number;
}
