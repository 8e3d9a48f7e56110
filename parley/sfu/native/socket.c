/* One UDP socket: reads what waits there, decrypts it and hands it to its layer.
 *
 * Nothing is allocated here and no array grows; whatever is out of the ordinary is left to Python.
 */

#define _GNU_SOURCE /* recvmmsg */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "bytes.h"
#include "plane.h"

/* The place of a name in the table, or where it would be. */
static int place_of(const struct parley_node *node, const uint8_t *name, int *found) {
    int low = 0, high = node->sources;
    *found = 0;
    while (low < high) {
        int middle = (low + high) / 2, order = memcmp(node->table[middle].name, name, PARLEY_NAME_BYTES);
        if (order == 0) {
            *found = 1;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What comes from this address (PARLEY_NAME_BYTES of it) is this transport's; nobody's where `in` is NULL. 0 where the
 * table is full: then Python looks it up. */
int parley_hold(struct parley_node *node, const uint8_t *name, struct parley_in *in) {
    int found, place = place_of(node, name, &found);
    size_t behind = (size_t)(node->sources - place) * sizeof node->table[0];
    if (found && in != NULL) {
        node->table[place].source = in;
    } else if (found) {
        memmove(&node->table[place], &node->table[place + 1], behind - sizeof node->table[0]);
        node->sources -= 1;
    } else if (in != NULL) {
        if (node->sources >= PARLEY_SOURCES)
            return 0;
        memmove(&node->table[place + 1], &node->table[place], behind);
        memset(&node->table[place], 0, sizeof node->table[0]);
        memcpy(node->table[place].name, name, PARLEY_NAME_BYTES);
        node->table[place].source = in;
        node->sources += 1;
    }
    return 1;
}

/* One datagram, in slots[place]. SRTP of tracks that are known is decrypted; all else is for Python as it came. What is
 * to be sent is due then. */
int parley_handle(struct parley_node *node, int place, int length, double now) {
    uint8_t *packet = node->slots[place];
    node->place = place;
    node->length = length;
    if (length < 12 || length > PARLEY_MAX_PACKET || packet[0] < 128 || packet[0] > 191 ||
        (packet[1] >= 192 && packet[1] <= 223))
        return PARLEY_RAW;
    int found, entry = place_of(node, node->names[place], &found);
    if (!found)
        return PARLEY_RAW;
    struct parley_in *in = node->table[entry].source;
    uint32_t ssrc = read_32(packet + 8);
    int track = 0;
    while (track < in->tracks && in->ssrcs[track] != ssrc)
        track++;
    if (track >= in->tracks || in->context == NULL)
        return PARLEY_RAW;
    int size = length;
    if (node->unprotect(in->context, packet, &size) || size < 0 || size > length) {
        in->rejected += 1;
        return PARLEY_DRAINED;
    }
    in->last_seen = now;
    in->packets += 1;
    in->bytes += (uint64_t)length;
    node->source = in;
    node->layer = in->layers[track];
    node->length = size;
    return parley_media(&node->plan, in, node->layer, packet, size, now);
}

/* Before the first parley_receive. The socket has one family, so that names are zero behind what the kernel writes. */
void parley_start(struct parley_node *node) {
    for (int slot = 0; slot < PARLEY_SLOTS; slot++) {
        memset(node->names[slot], 0, sizeof node->names[slot]);
        memset(&node->messages[slot], 0, sizeof node->messages[slot]);
        node->vectors[slot].base = node->slots[slot];
        node->vectors[slot].length = PARLEY_SLOT_BYTES;
        node->messages[slot].name = node->names[slot];
        node->messages[slot].name_length = PARLEY_NAME_BYTES;
        node->messages[slot].vectors = &node->vectors[slot];
        node->messages[slot].vector_count = 1;
    }
}

/* A timer to be waited for instead of the socket; -1 where the kernel gives none. */
int parley_timer(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC); }

/* From now on the timer goes off every so many nanoseconds, below a second; 0 for never. Not 0 where it can't. */
int parley_gather(struct parley_node *node, int64_t every) {
    struct itimerspec when = {.it_value.tv_nsec = every, .it_interval.tv_nsec = every};
    node->is_gathering = every > 0;
    return timerfd_settime(node->timer, 0, &when, NULL);
}

/* Wait for the timer's next time. Where more waits than was read it is left as it is, gone off. */
static void rest(const struct parley_node *node) {
    uint64_t times;
    if (node->is_gathering && !node->is_full && read(node->timer, &times, sizeof times) < 0)
        return; /* it hasn't gone off: somebody read without waiting for it */
}

/* Read what waits, at most one batch; whether there was anything. */
static int read_batch(struct parley_node *node) {
    int tries = PARLEY_SLOTS, got = -1;
    while (tries-- > 0) {
        got = recvmmsg(node->fd, (struct mmsghdr *)(void *)node->messages, PARLEY_SLOTS, MSG_DONTWAIT, NULL);
        if (got > 0 || errno == EAGAIN || errno == EWOULDBLOCK)
            break; /* else it is an ICMP error of somebody else's datagram */
    }
    node->at = 0;
    node->count = got <= 0 ? 0 : got < PARLEY_SLOTS ? got : PARLEY_SLOTS;
    node->is_full = node->count == PARLEY_SLOTS;
    node->received += (uint64_t)node->count;
    return node->count > 0;
}

/* All is handled: send it. */
static int finish(struct parley_node *node) {
    node->is_reading = 0;
    parley_send_due(&node->plan);
    rest(node);
    return PARLEY_DRAINED;
}

/* Read what waits at the socket, at most one batch, and forward it. Returns at each packet that Python is to look at; to
 * be called again until there is nothing more (PARLEY_DRAINED). */
int parley_receive(struct parley_node *node, double now) {
    if (!node->is_reading && !read_batch(node))
        return finish(node);
    node->is_reading = 1;
    while (node->at < node->count) {
        int place = node->at++;
        node->messages[place].name_length = PARLEY_NAME_BYTES; /* for the next time */
        uint32_t length = node->messages[place].sent;
        int kind = parley_handle(node, place, length > PARLEY_SLOT_BYTES ? PARLEY_SLOT_BYTES : (int)length, now);
        if (kind != PARLEY_DRAINED) {
            parley_settle(&node->plan); /* what Python does may change who gets what */
            return kind;
        }
    }
    return finish(node);
}
