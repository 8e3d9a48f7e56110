/* Numbers in packets, which are big-endian. */

#ifndef PARLEY_BYTES_H
#define PARLEY_BYTES_H

#include <stdint.h>

static inline void write_16(uint8_t *at, uint32_t value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void write_32(uint8_t *at, uint32_t value) {
    write_16(at, value >> 16);
    write_16(at + 2, value);
}

static inline uint32_t read_16(const uint8_t *at) { return (uint32_t)at[0] << 8 | at[1]; }

static inline uint32_t read_32(const uint8_t *at) { return read_16(at) << 16 | read_16(at + 2); }

#endif
