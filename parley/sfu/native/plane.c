/* The plane's inner loops: copy a packet for each subscriber, write its header, encrypt it and send.
 *
 * The twin of parley/sfu/plane.py, which says what is right: both put the same bytes on the wire. Nothing is allocated
 * here and no array grows; whatever is out of the ordinary is left to Python. libsrtp comes as function pointers.
 */

#define _GNU_SOURCE /* sendmmsg, recvmmsg */
#include <errno.h>
#include <netinet/in.h>
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

#define PARLEY_UDP_SEGMENT 103 /* UDP_SEGMENT of linux/udp.h */
#define PARLEY_MAX_MESSAGE 60000
#define PARLEY_NO_SEGMENTS_FOR 1000

_Static_assert(CMSG_SPACE(2) == PARLEY_CONTROL_BYTES, "room for the size of a segment");

/* Header extensions as subscribers know them (codecs.SUBSCRIBE_EXTENSIONS; template.py): a test compares. */
#define PARLEY_SEND_TIME_TAG ((uint32_t)(PARLEY_ABS_SEND_TIME << 4 | 2) << 24)
#define PARLEY_LEVEL_TAG (PARLEY_AUDIO_LEVEL << 4)
#define PARLEY_ORIENTATION_TAG (PARLEY_VIDEO_ORIENTATION << 4)

static void write_16(uint8_t *at, uint32_t value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void write_32(uint8_t *at, uint32_t value) {
    write_16(at, value >> 16);
    write_16(at + 2, value);
}

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
    if (size < 12 || size > PARLEY_SLOT_BYTES - PARLEY_TRAILER || batch->count >= PARLEY_SLOTS || out->context == NULL)
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
    if (batch->count == PARLEY_SLOTS)
        parley_flush(batch);
    return size;
}

/* Send a template to the streams that are due its number and leave through this batch, or NULL for any of ours; the places of all others
 * go to `left`, which holds `count`. Returns how many those are. */
int parley_forward(const struct parley_batch *batch, const uint8_t *packet, int size, int second, int seq,
                   uint32_t timestamp, struct parley_stream **streams, int count, uint8_t *left) {
    int others = 0;
    for (int place = 0; place < count; place++) {
        struct parley_stream *stream = streams[place];
        struct parley_out *to = stream->out;
        uint32_t ahead = (uint32_t)((uint64_t)seq - (uint64_t)stream->next) & 0xFFFF;
        if (to == NULL || to->batch == NULL || (batch != NULL && to->batch != batch) || !stream->started || ahead >= 0x8000) {
            left[others++] = (uint8_t)place;
            continue;
        }
        int64_t following = stream->next + (int64_t)ahead;
        stream->next = following + 1;
        int number = (int)(((uint64_t)following + (uint64_t)stream->offset) & 0xFFFF);
        if (parley_queue(to->batch, to, packet, size, second, number, timestamp + stream->timestamp_offset,
                         stream->ssrc)) {
            stream->packets += 1;
            stream->bytes += (uint64_t)size;
        }
    }
    return others;
}

/* --- reading what arrived --------------------------------------------------------------------------------------- */

static uint32_t read_16(const uint8_t *at) { return (uint32_t)at[0] << 8 | at[1]; }

static uint32_t read_32(const uint8_t *at) { return read_16(at) << 16 | read_16(at + 2); }

/* rtp.parse_rtp: 1, or 0 where the bytes are no well-formed RTP packet. */
int parley_parse(const uint8_t *packet, int length, struct parley_header *header) {
    memset(header, 0, sizeof *header);
    if (length < 12 || (packet[0] & 0xC0) != 0x80)
        return 0;
    int position = 12 + 4 * (packet[0] & 0x0F), padding = 0;
    header->marker = packet[1] >> 7;
    header->payload_type = packet[1] & 0x7F;
    header->seq = (int32_t)read_16(packet + 2);
    header->timestamp = read_32(packet + 4);
    header->ssrc = read_32(packet + 8);
    if (packet[0] & 0x10) {
        if (position + 4 > length)
            return 0;
        header->extension_profile = (int32_t)read_16(packet + position);
        header->extension_length = 4 * (int32_t)read_16(packet + position + 2);
        header->extension_offset = position + 4;
        position += 4 + header->extension_length;
    }
    if (position > length)
        return 0;
    if (packet[0] & 0x20) {
        padding = packet[length - 1];
        if (padding == 0 || position + padding > length)
            return 0;
    }
    header->header_length = position;
    header->padding_length = padding;
    header->payload_length = length - position - padding;
    return 1;
}

/* rtp.find_extension: the offset of the element's data, and its size; -1 where the packet doesn't carry it. */
int parley_find_extension(const uint8_t *packet, const struct parley_header *header, int id, int *size) {
    int position = header->extension_offset, end = position + header->extension_length;
    if (header->extension_profile == 0xBEDE) {
        while (position < end) {
            int element = packet[position] >> 4, length = (packet[position] & 0x0F) + 1;
            if (packet[position] == 0) {
                position += 1;
                continue;
            }
            if (element == 0 || element == 15 || position + 1 + length > end)
                return -1; /* reserved ids end the list (RFC 8285 section 4.2) */
            if (element == id) {
                *size = length;
                return position + 1;
            }
            position += 1 + length;
        }
    } else if ((header->extension_profile & 0xFFF0) == 0x1000) {
        while (position + 1 < end) {
            int element = packet[position], length = packet[position + 1];
            if (element == 0) {
                position += 1;
                continue;
            }
            if (position + 2 + length > end)
                return -1;
            if (element == id) {
                *size = length;
                return position + 2;
            }
            position += 2 + length;
        }
    }
    return -1;
}

/* --- one packet of a layer ---------------------------------------------------------------------------------------- */

/* receive_stats.ReceiveStatistics.receive */
static void count_received(struct parley_layer *layer, int seq, uint32_t timestamp, int size, double now) {
    layer->packets += 1;
    layer->bytes += (uint64_t)size;
    if (layer->base < 0) {
        layer->base = layer->max_seq = seq;
    } else if (((uint32_t)(seq - layer->max_seq) & 0xFFFF) < 0x8000) {
        if (seq < layer->max_seq)
            layer->cycles += 0x10000;
        layer->max_seq = seq;
    }
    double transit = now * layer->clock_rate - timestamp;
    if (layer->has_transit) {
        double change = transit > layer->transit ? transit - layer->transit : layer->transit - transit;
        if (change < layer->clock_rate * 5)
            layer->jitter += (change - layer->jitter) / 16;
    }
    layer->has_transit = 1;
    layer->transit = transit;
}

/* rate.RateMeter.add */
static void count_rate(struct parley_layer *layer, int size, double now) {
    layer->total += (uint64_t)size;
    if (now >= layer->bucket_ends) {
        if (layer->bucket_ends < 0 || now - layer->bucket_ends > layer->step * 10) {
            memset(layer->buckets, 0, sizeof layer->buckets);
            layer->bucket = 0;
            layer->bucket_ends = now + layer->step;
            layer->first = now;
        } else {
            while (now >= layer->bucket_ends) {
                layer->bucket = (layer->bucket + 1) % 10;
                layer->buckets[layer->bucket] = 0;
                layer->bucket_ends += layer->step;
            }
        }
    }
    layer->buckets[layer->bucket % 10] += (uint64_t)size;
}

/* template.build_template, into the place where the packet is kept. An element of tag 0 is left out. */
static struct parley_kept *keep(struct parley_layer *layer, const struct parley_header *header, const uint8_t *payload,
                                int tag, int value, double now) {
    struct parley_kept *kept = &layer->kept[(uint32_t)header->seq & layer->kept_mask];
    uint8_t *packet = kept->packet;
    int size = tag ? 24 : 20;
    packet[0] = 0x90;
    packet[1] = (uint8_t)(header->marker << 7);
    write_16(packet + 2, 0);
    write_32(packet + 4, header->timestamp);
    write_32(packet + 8, 0);
    write_32(packet + 12, tag ? 0xBEDE0002u : 0xBEDE0001u);
    write_32(packet + 16, PARLEY_SEND_TIME_TAG | (uint32_t)((uint64_t)(now * 262144.0) & 0xFFFFFF));
    if (tag) {
        packet[20] = (uint8_t)tag;
        packet[21] = (uint8_t)value;
        write_16(packet + 22, 0);
    }
    memcpy(packet + size, payload, (size_t)header->payload_length);
    kept->seq = header->seq;
    kept->size = size + header->payload_length;
    kept->at = now;
    return kept;
}

/* Forward a decrypted packet, where it is just the next one of a layer that is open: what Publisher._on_rtp does.
 * PARLEY_DRAINED when that is done, PARLEY_LEFT when some streams are left to Python, PARLEY_RTP when nothing was done. */
int parley_media(struct parley_in *in, struct parley_layer *layer, const uint8_t *packet, int length, double now) {
    struct parley_header header;
    int at, size, tag = 0, value = 0, has_number = 0;
    uint32_t number = 0;
    if (!layer->open || !parley_parse(packet, length, &header) || header.payload_type != layer->payload_type ||
        header.seq != layer->next || header.payload_length <= 0 || header.payload_length > PARLEY_MAX_PAYLOAD ||
        !(now - layer->last_at <= layer->live_for) || layer->count > PARLEY_FAN ||
        layer->kept == NULL)
        return PARLEY_RTP;
    if (in->transport_cc) {
        at = parley_find_extension(packet, &header, in->transport_cc, &size);
        if (at >= 0 && size >= 2) {
            if (in->arrived >= PARLEY_ARRIVALS)
                return PARLEY_RTP;
            has_number = 1;
            number = read_16(packet + at);
        }
    }
    if (layer->is_audio ? in->audio_level : header.marker && in->video_orientation) {
        at = parley_find_extension(packet, &header, layer->is_audio ? in->audio_level : in->video_orientation, &size);
        if (at >= 0) {
            if (size < 1 || (layer->is_microphone && in->levelled >= PARLEY_LEVELS))
                return PARLEY_RTP;
            tag = layer->is_audio ? PARLEY_LEVEL_TAG : PARLEY_ORIENTATION_TAG;
            value = packet[at];
        }
    }
    if (has_number)
        in->arrivals[in->arrived++] = (struct parley_arrival){.at = now, .seq = number, .ssrc = header.ssrc};
    if (tag && layer->is_microphone)
        in->levels[in->levelled++] = (struct parley_level){.at = now, .value = value};
    count_received(layer, header.seq, header.timestamp, length, now);
    count_rate(layer, length, now);
    layer->next = (header.seq + 1) & 0xFFFF;
    layer->last_at = now;
    struct parley_kept *kept = keep(layer, &header, packet + header.header_length, tag, value, now);
    uint32_t newer = (uint32_t)(header.seq - layer->last_seq) & 0xFFFF;
    if (layer->last_seq < 0 || (newer != 0 && newer < 0x8000)) {
        layer->last_seq = header.seq;
        layer->last_timestamp = header.timestamp;
    }
    struct parley_stream *plain[PARLEY_FAN];
    uint8_t places[PARLEY_FAN], left[PARLEY_FAN];
    int count = 0;
    layer->left_count = 0;
    for (int place = 0; place < layer->count; place++) {
        if (layer->streams[place]->munged) {
            layer->left[layer->left_count++] = (uint8_t)place;
        } else {
            places[count] = (uint8_t)place;
            plain[count++] = layer->streams[place];
        }
    }
    int others = parley_forward(NULL, kept->packet, kept->size, header.marker << 7 | layer->sent_type, header.seq,
                                header.timestamp, plain, count, left);
    for (int index = 0; index < others; index++)
        layer->left[layer->left_count++] = places[left[index]];
    return layer->left_count ? PARLEY_LEFT : PARLEY_DRAINED;
}

/* --- feedback ----------------------------------------------------------------------------------------------------- */

/* The nearest whole number, an even one where two are as near: Python's round. Not for negative numbers. */
static int64_t nearest(double value) {
    int64_t below = (int64_t)value;
    double over = value - (double)below;
    return over > 0.5 || (over == 0.5 && (below & 1)) ? below + 1 : below;
}

/* transport_cc.TransportCcReceiver.feedback, where what arrived is one row without gaps that begins with `base`. The
 * size of the packet, of at most PARLEY_FEEDBACK_BYTES; 0 where Python is to write it. */
int parley_feedback(const struct parley_in *in, uint32_t sender_ssrc, uint32_t base, uint32_t number, uint8_t *packet) {
    uint8_t symbols[PARLEY_MAX_REPORTED];
    uint8_t deltas[2 * PARLEY_MAX_REPORTED];
    int count = in->arrived, used = 0, size = 20;
    if (count < 1 || count > PARLEY_MAX_REPORTED)
        return 0;
    int64_t reference = (int64_t)(in->arrivals[0].at / 0.064);
    int64_t previous = nearest((double)reference * 0.064 / 0.00025);
    for (int index = 0; index < count; index++) {
        if (in->arrivals[index].seq != ((base + (uint32_t)index) & 0xFFFF))
            return 0;
        int64_t delta = nearest(in->arrivals[index].at / 0.00025) - previous;
        if (delta >= 0 && delta <= 255) {
            symbols[index] = 1;
            deltas[used++] = (uint8_t)delta;
        } else {
            delta = delta < -32768 ? -32768 : delta > 32767 ? 32767 : delta;
            symbols[index] = 2;
            write_16(deltas + used, (uint32_t)delta & 0xFFFF);
            used += 2;
        }
        previous += delta;
    }
    for (int position = 0; position < count;) {
        int run = 1;
        while (position + run < count && symbols[position + run] == symbols[position])
            run += 1;
        if (run >= 7 || position + run == count) {
            write_16(packet + size, (uint32_t)symbols[position] << 13 | (uint32_t)run);
            position += run;
        } else {
            uint32_t word = 0xC000;
            for (int index = 0; index < 7 && position + index < count; index++)
                word |= (uint32_t)symbols[position + index] << (12 - 2 * index);
            write_16(packet + size, word);
            position += 7;
        }
        size += 2;
    }
    memcpy(packet + size, deltas, (size_t)used);
    size += used;
    int padding = -size & 3;
    for (int index = 0; index < padding; index++)
        packet[size++] = (uint8_t)(index == padding - 1 ? padding : 0);
    packet[0] = (uint8_t)(0x80 | (padding ? 0x20 : 0) | 15);
    packet[1] = 205;
    write_16(packet + 2, (uint32_t)size / 4 - 1);
    write_32(packet + 4, sender_ssrc);
    write_32(packet + 8, in->arrivals[count - 1].ssrc);
    write_16(packet + 12, base & 0xFFFF);
    write_16(packet + 14, (uint32_t)count);
    write_32(packet + 16, (uint32_t)((uint64_t)reference & 0xFFFFFF) << 8 | (number & 0xFF));
    return size;
}

/* --- one socket --------------------------------------------------------------------------------------------------- */

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

/* One datagram, in slots[place]. SRTP of tracks that are known is decrypted; all else is for Python as it came. */
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
    return parley_media(in, node->layer, packet, size, now);
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

/* Read what waits at the socket, at most one batch, and forward it. Returns at each packet that Python is to look at; to
 * be called again until there is nothing more (PARLEY_DRAINED). */
int parley_receive(struct parley_node *node, double now) {
    for (;;) {
        if (node->at >= node->count) {
            int tries = PARLEY_SLOTS, got = -1;
            node->at = node->count = 0;
            if (node->is_last) {
                node->is_last = 0;
                return PARLEY_DRAINED;
            }
            while (tries-- > 0) {
                got = recvmmsg(node->fd, (struct mmsghdr *)(void *)node->messages, PARLEY_SLOTS, MSG_DONTWAIT, NULL);
                if (got > 0 || errno == EAGAIN || errno == EWOULDBLOCK)
                    break; /* else it is an ICMP error of somebody else's datagram */
            }
            if (got <= 0)
                return PARLEY_DRAINED;
            node->count = got < PARLEY_SLOTS ? got : PARLEY_SLOTS;
            node->is_last = 1;
            node->received += (uint64_t)node->count;
        }
        int place = node->at++;
        node->messages[place].name_length = PARLEY_NAME_BYTES; /* for the next time */
        uint32_t length = node->messages[place].sent;
        int kind = parley_handle(node, place, length > PARLEY_SLOT_BYTES ? PARLEY_SLOT_BYTES : (int)length, now);
        if (kind != PARLEY_DRAINED)
            return kind;
    }
}
