/* The plane's inner loops: copy a packet for each subscriber, write its header, encrypt it and send.
 *
 * The twin of parley/sfu/plane.py, which says what is right: both put the same bytes on the wire. Nothing is allocated
 * here and no array grows; whatever is out of the ordinary is left to Python. libsrtp comes as function pointers.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "plane.h"

#ifndef PARLEY_SOURCE
#define PARLEY_SOURCE ""
#endif

_Static_assert(sizeof(struct parley_vector) == sizeof(struct iovec), "iovec");
_Static_assert(offsetof(struct parley_vector, length) == offsetof(struct iovec, iov_len), "iovec");
_Static_assert(sizeof(struct parley_message) == sizeof(struct mmsghdr), "mmsghdr");
_Static_assert(offsetof(struct parley_message, vectors) == offsetof(struct mmsghdr, msg_hdr.msg_iov), "mmsghdr");
_Static_assert(offsetof(struct parley_message, control_length) == offsetof(struct mmsghdr, msg_hdr.msg_controllen),
               "mmsghdr");
_Static_assert(offsetof(struct parley_message, sent) == offsetof(struct mmsghdr, msg_len), "mmsghdr");

/* A digest of the sources that this was made from: Python uses no other than its own. */
const char *parley_source(void) { return PARLEY_SOURCE; }

static void write_16(uint8_t *at, uint32_t value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void write_32(uint8_t *at, uint32_t value) {
    write_16(at, value >> 16);
    write_16(at + 2, value);
}

/* Send what is gathered; what the socket doesn't take at once is dropped and counted. */
void parley_flush(struct parley_batch *batch) {
    uint32_t first = 0, count = batch->count;
    batch->count = 0;
    while (first < count) {
        int sent = sendmmsg(batch->fd, (struct mmsghdr *)(void *)&batch->messages[first], count - first, 0);
        if (sent > 0) {
            batch->sent += (uint32_t)sent;
            first += (uint32_t)sent;
        } else if (errno == EAGAIN || errno == ENOBUFS) {
            batch->dropped += count - first;
            return;
        } else if (errno != EINTR) {
            batch->dropped += 1; /* this address can't be sent to; the others can */
            first += 1;
        }
    }
}

/* Encrypt into the next slot; the size on the wire, 0 where libsrtp refuses. */
int parley_queue(struct parley_batch *batch, struct parley_out *out, const uint8_t *packet, int size, int second, int seq,
                 uint32_t timestamp, uint32_t ssrc) {
    if (size < 12 || size > PARLEY_SLOT_BYTES - PARLEY_TRAILER || batch->count >= PARLEY_SLOTS)
        return 0;
    uint32_t index = batch->count;
    uint8_t *slot = batch->slots[index];
    struct parley_message *message = &batch->messages[index];
    struct parley_vector *vector = &batch->vectors[index];
    memcpy(slot, packet, (size_t)size);
    slot[1] = (uint8_t)second;
    write_16(slot + 2, (uint32_t)seq);
    write_32(slot + 4, timestamp);
    write_32(slot + 8, ssrc);
    if (batch->protect(out->context, slot, &size) || size <= 0) {
        batch->refused += 1;
        return 0;
    }
    memcpy(batch->names[index], out->name, PARLEY_NAME_BYTES);
    vector->base = slot;
    vector->length = (uint64_t)size;
    memset(message, 0, sizeof *message);
    message->name = batch->names[index];
    message->name_length = out->name_length;
    message->vectors = vector;
    message->vector_count = 1;
    batch->count = index + 1;
    if (batch->count == PARLEY_SLOTS)
        parley_flush(batch);
    return size;
}

/* Send a template to the streams that leave through this batch and are due its number; the places of all others go to
 * `left`, which holds `count`. Returns how many those are. */
int parley_forward(struct parley_batch *batch, const uint8_t *packet, int size, int second, int seq, uint32_t timestamp,
                   struct parley_stream **streams, int count, uint8_t *left) {
    int others = 0;
    for (int place = 0; place < count; place++) {
        struct parley_stream *stream = streams[place];
        uint32_t ahead = (uint32_t)((uint64_t)seq - (uint64_t)stream->next) & 0xFFFF;
        if (stream->out == NULL || stream->out->batch != batch || !stream->started || ahead >= 0x8000) {
            left[others++] = (uint8_t)place;
            continue;
        }
        int64_t following = stream->next + (int64_t)ahead;
        stream->next = following + 1;
        int out = (int)(((uint64_t)following + (uint64_t)stream->offset) & 0xFFFF);
        if (parley_queue(batch, stream->out, packet, size, second, out, timestamp + stream->timestamp_offset, stream->ssrc)) {
            stream->packets += 1;
            stream->bytes += (uint64_t)size;
        }
    }
    return others;
}
