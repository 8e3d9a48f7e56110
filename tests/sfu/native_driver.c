/* Feeds what stands on standard input to the native plane, compiled with sanitizers: test_native_memory.py.
 *
 * Each entry: two bytes of length, big-endian, a byte that changes the scene, and that many bytes of a packet.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plane.h"

static int grow(void *context, void *packet, int *length) {
    (void)context;
    memset((uint8_t *)packet + *length, 0xAA, 16);
    *length += 16;
    return 0;
}

static int shrink(void *context, void *packet, int *length) {
    (void)context;
    (void)packet;
    if (*length < 28)
        return 1;
    *length -= 16;
    return 0;
}

int main(void) {
    struct parley_node *node = calloc(1, sizeof *node);
    struct parley_batch *batch = calloc(1, sizeof *batch);
    struct parley_in *in = calloc(1, sizeof *in);
    struct parley_layer *layers[2] = {calloc(1, sizeof(struct parley_layer)), calloc(1, sizeof(struct parley_layer))};
    struct parley_kept *kept = calloc(2 * 64, sizeof *kept);
    struct parley_out *out = calloc(3, sizeof *out);
    struct parley_stream *streams = calloc(3, sizeof *streams), *pointers[3];
    uint8_t name[PARLEY_NAME_BYTES] = {0}, feedback[PARLEY_FEEDBACK_BYTES], head[3];
    double now = 1000;
    if (!node || !batch || !in || !layers[0] || !layers[1] || !kept || !out || !streams)
        return 1;
    batch->protect = grow;
    batch->fd = -1;
    batch->generation = batch->segments = 1;
    node->unprotect = shrink;
    node->fd = -1;
    in->context = in;
    in->transport_cc = 3;
    in->audio_level = 1;
    in->video_orientation = 13;
    in->tracks = 2;
    for (int number = 0; number < 3; number++) {
        pointers[number] = &streams[number];
        streams[number].out = &out[number];
        streams[number].started = 1;
        out[number].context = in;
        out[number].batch = number < 2 ? batch : NULL;
    }
    for (int number = 0; number < 2; number++) {
        struct parley_layer *layer = layers[number];
        in->ssrcs[number] = (uint32_t)number;
        in->layers[number] = layer;
        *layer = (struct parley_layer){.open = 1, .payload_type = 111, .is_audio = number, .is_microphone = number,
                                       .last_seq = -1, .base = -1, .bucket_ends = -1, .clock_rate = 90000, .step = 0.1,
                                       .live_for = 1, .kept = kept + 64 * number, .kept_mask = 63, .count = 3,
                                       .streams = pointers};
    }
    parley_start(node);
    parley_hold(node, name, in);
    while (fread(head, 1, 3, stdin) == 3) {
        size_t length = (size_t)head[0] << 8 | head[1];
        if (length > PARLEY_SLOT_BYTES)
            return 2;
        /* the bytes end where the memory does, so that reading past them is seen */
        uint8_t *packet = malloc(length + 1);
        struct parley_header header;
        int size;
        if (packet == NULL || fread(packet, 1, length, stdin) != length)
            return 3;
        uint8_t *exact = realloc(packet, length ? length : 1);
        if (exact == NULL)
            return 4;
        if (parley_parse(exact, (int)length, &header))
            for (int id = 1; id < 256; id++)
                parley_find_extension(exact, &header, id, &size);
        now += head[2] & 1 ? 0.001 : 0.2;
        for (int number = 0; number < 2; number++) {
            struct parley_layer *layer = layers[number];
            layer->next = length > 3 ? exact[2] << 8 | exact[3] : 0;
            layer->payload_type = length > 1 ? exact[1] & 0x7F : 0;
            layer->last_at = now;
            layer->open = (head[2] & 2) == 0;
            layer->streams[0]->munged = (head[2] & 4) != 0;
            if (length > 0 && length <= PARLEY_MAX_PACKET)
                parley_media(&node->plan, in, layer, exact, (int)length, now);
        }
        memcpy(node->slots[0], exact, length);
        if (length >= 12)
            memset(node->slots[0] + 8, 0, 3), node->slots[0][11] &= 1;
        parley_handle(node, 0, (int)length, now);
        parley_receive(node, now);
        if (head[2] & 8) {
            parley_feedback(in, 7, head[2], 3, feedback);
            in->arrived = in->levelled = 0;
        }
        if (head[2] & 32)
            parley_settle(&node->plan);
        if (head[2] & 16)
            parley_flush(batch);
        free(exact);
    }
    printf("%llu\n", (unsigned long long)in->packets);
    free(node), free(batch), free(in), free(layers[0]), free(layers[1]), free(kept), free(out), free(streams);
    return 0;
}
