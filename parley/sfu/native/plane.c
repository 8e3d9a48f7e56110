/* The plane's inner loops: copy a packet for each subscriber, write its header, encrypt it and send.
 *
 * The twin of parley/sfu/plane.py, which says what is right: both put the same bytes on the wire. Nothing is allocated
 * here and no array grows; whatever is out of the ordinary is left to Python. libsrtp comes as function pointers.
 */

#define _GNU_SOURCE /* sendmmsg */
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "bytes.h"
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

#define PARLEY_UDP_SEGMENT 103 /* UDP_SEGMENT of linux/udp.h */
#define PARLEY_MAX_MESSAGE 60000
#define PARLEY_NO_SEGMENTS_FOR 1000

_Static_assert(CMSG_SPACE(2) == PARLEY_CONTROL_BYTES, "room for the size of a segment");

/* The messages for the kernel; all but their lengths is known when the packets are. */
static void lay_out(struct parley_batch *batch) {
    uint32_t used = 0;
    for (uint32_t index = 0; index < batch->group_count; index++) {
        const struct parley_group *group = &batch->groups[index];
        struct parley_message *message = &batch->messages[index];
        uint32_t slot = group->first;
        message->vectors = &batch->vectors[used];
        message->vector_count = group->count;
        message->control = NULL;
        message->control_length = 0;
        for (uint32_t number = 0; number < group->count; number++) {
            batch->vectors[used].base = batch->slots[slot];
            batch->vectors[used].length = batch->sizes[slot];
            slot = batch->following[slot];
            used += 1;
        }
        if (group->count > 1) {
            struct cmsghdr head = {.cmsg_len = CMSG_LEN(2), .cmsg_level = IPPROTO_UDP, .cmsg_type = PARLEY_UDP_SEGMENT};
            uint16_t segment = (uint16_t)group->segment;
            memcpy(batch->controls[index], &head, sizeof head);
            memcpy((uint8_t *)batch->controls[index] + CMSG_LEN(0), &segment, sizeof segment);
            message->control = batch->controls[index];
            message->control_length = CMSG_SPACE(2);
        }
    }
}

/* Send the packets of a message that the kernel doesn't take as one, each by itself. */
static void send_each(struct parley_batch *batch, const struct parley_message *message) {
    for (uint64_t number = 0; number < message->vector_count; number++) {
        const struct parley_vector *vector = &message->vectors[number];
        ssize_t done;
        do
            done = sendto(batch->fd, vector->base, vector->length, 0, message->name, message->name_length);
        while (done < 0 && errno == EINTR);
        if (done < 0)
            batch->dropped += 1;
        else
            batch->sent += 1;
    }
}

/* Send what is gathered; what the socket doesn't take at once is dropped and counted. */
void parley_flush(struct parley_batch *batch) {
    uint32_t first = 0, count = batch->group_count;
    lay_out(batch);
    batch->count = batch->group_count = 0;
    batch->generation += 1;
    if (batch->not_for > 0)
        batch->not_for -= 1;
    while (first < count) {
        int sent = sendmmsg(batch->fd, (struct mmsghdr *)(void *)&batch->messages[first], count - first, 0);
        if (sent > 0) {
            for (int number = 0; number < sent && first < count; number++)
                batch->sent += batch->groups[first++].count;
        } else if (errno == EAGAIN || errno == ENOBUFS) {
            while (first < count)
                batch->dropped += batch->groups[first++].count;
        } else if (errno != EINTR) {
            if (batch->groups[first].count > 1) {
                batch->not_for = PARLEY_NO_SEGMENTS_FOR;
                send_each(batch, &batch->messages[first]);
            } else {
                batch->dropped += 1; /* this address can't be sent to; the others can */
            }
            first += 1;
        }
    }
}

/* Put the packet in the next slot, which is so large, on its way: with others for the same address, where they fit. */
static void gather(struct parley_batch *batch, struct parley_out *out, uint32_t size) {
    uint32_t slot = batch->count++;
    batch->sizes[slot] = size;
    if (out->generation == batch->generation && out->message < batch->group_count) {
        struct parley_group *group = &batch->groups[out->message];
        if (!group->is_full && size <= group->segment && group->total + size <= PARLEY_MAX_MESSAGE) {
            batch->following[group->last] = slot;
            group->last = slot;
            group->count += 1;
            group->total += size;
            group->is_full = size < group->segment; /* only the last may be shorter */
            return;
        }
    }
    uint32_t index = batch->group_count++;
    batch->groups[index] = (struct parley_group){.first = slot, .last = slot, .count = 1, .segment = size, .total = size};
    memcpy(batch->names[index], out->name, PARLEY_NAME_BYTES);
    memset(&batch->messages[index], 0, sizeof batch->messages[index]);
    batch->messages[index].name = batch->names[index];
    batch->messages[index].name_length = out->name_length;
    if (batch->segments && batch->not_for == 0) {
        out->generation = batch->generation;
        out->message = index;
    }
}

/* Encrypt into the next slot; the size on the wire, 0 where libsrtp refuses. */
int parley_queue(struct parley_batch *batch, struct parley_out *out, const uint8_t *packet, int size, int second, int seq,
                 uint32_t timestamp, uint32_t ssrc) {
    if (size < 12 || size > PARLEY_SLOT_BYTES - PARLEY_TRAILER || batch->count >= PARLEY_OUT_SLOTS ||
        out->context == NULL)
        return 0;
    uint8_t *slot = batch->slots[batch->count];
    memcpy(slot, packet, (size_t)size);
    slot[1] = (uint8_t)second;
    write_16(slot + 2, (uint32_t)seq);
    write_32(slot + 4, timestamp);
    write_32(slot + 8, ssrc);
    if (batch->protect(out->context, slot, &size) || size <= 0 || size > PARLEY_SLOT_BYTES) {
        batch->refused += 1;
        return 0;
    }
    gather(batch, out, (uint32_t)size);
    if (batch->count == PARLEY_OUT_SLOTS)
        parley_flush(batch);
    return size;
}

/* The number that a stream sends a packet with this one by, where it is simply the next or leaves some out; -1 where
 * that is for Python to say: of one that is late, or of a stream that hasn't started or has nowhere to go. */
int parley_number(struct parley_stream *stream, int seq) {
    uint32_t ahead = (uint32_t)((uint64_t)seq - (uint64_t)stream->next) & 0xFFFF;
    if (stream->out == NULL || stream->out->batch == NULL || !stream->started || ahead >= 0x8000)
        return -1;
    int64_t following = stream->next + (int64_t)ahead;
    stream->next = following + 1;
    return (int)(((uint64_t)following + (uint64_t)stream->offset) & 0xFFFF);
}

/* Send a template to the streams that are due its number and leave through this batch; the places of all others go to
 * `left`, which holds `count`. Returns how many those are. */
int parley_forward(const struct parley_batch *batch, const uint8_t *packet, int size, int second, int seq,
                   uint32_t timestamp, struct parley_stream **streams, int count, uint8_t *left) {
    int others = 0;
    for (int place = 0; place < count; place++) {
        struct parley_stream *stream = streams[place];
        struct parley_out *to = stream->out;
        int number = to != NULL && to->batch == batch ? parley_number(stream, seq) : -1;
        if (number < 0)
            left[others++] = (uint8_t)place;
        else if (parley_queue(to->batch, to, packet, size, second, number, timestamp + stream->timestamp_offset,
                              stream->ssrc)) {
            stream->packets += 1;
            stream->bytes += (uint64_t)size;
        }
    }
    return others;
}
