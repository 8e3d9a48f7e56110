/* One packet of a layer: counted, kept and due to all who get it. What publisher.py, receive_stats.py, rate.py and
 * template.py do with the usual packet. */

#include <stdint.h>
#include <string.h>

#include "bytes.h"
#include "plane.h"

/* Header extensions as subscribers know them (codecs.SUBSCRIBE_EXTENSIONS; template.py): a test compares. */
#define PARLEY_SEND_TIME_TAG ((uint32_t)(PARLEY_ABS_SEND_TIME << 4 | 2) << 24)
#define PARLEY_LEVEL_TAG (PARLEY_AUDIO_LEVEL << 4)
#define PARLEY_ORIENTATION_TAG (PARLEY_VIDEO_ORIENTATION << 4)

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

/* Make a decrypted packet due, where it is just the next one of a layer that is open: what Publisher._on_rtp does.
 * PARLEY_DRAINED when that is done, PARLEY_LEFT when some streams are left to Python, PARLEY_RTP when nothing was. */
int parley_media(struct parley_plan *plan, struct parley_in *in, struct parley_layer *layer, const uint8_t *packet,
                 int length, double now) {
    struct parley_header header;
    int at, size, tag = 0, value = 0, has_number = 0;
    uint32_t number = 0;
    if (!layer->open || !parley_parse(packet, length, &header) || header.payload_type != layer->payload_type ||
        header.seq != layer->next || header.payload_length <= 0 || header.payload_length > PARLEY_MAX_PAYLOAD ||
        !(now - layer->last_at <= layer->live_for) || layer->count > PARLEY_FAN ||
        layer->kept == NULL || layer->kept_mask < PARLEY_SLOTS - 1)
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
    if (plan->count + (uint32_t)layer->count > PARLEY_DUE)
        parley_settle(plan);
    struct parley_due due = {.packet = kept->packet, .size = kept->size};
    due.second = header.marker << 7 | layer->sent_type;
    layer->left_count = 0;
    for (int place = 0; place < layer->count; place++) {
        due.stream = layer->streams[place];
        due.seq = due.stream->munged ? -1 : parley_number(due.stream, header.seq);
        due.timestamp = header.timestamp + due.stream->timestamp_offset;
        if (due.seq < 0)
            layer->left[layer->left_count++] = (uint8_t)place;
        else
            parley_make_due(plan, due, layer->is_audio);
    }
    return layer->left_count ? PARLEY_LEFT : PARLEY_DRAINED;
}
