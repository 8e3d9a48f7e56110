/* Packets that are due to be sent, put in order before they are: all of one subscriber together.
 *
 * What was read at one time is encrypted subscriber by subscriber, because each has a key of its own, which is then in
 * the processor's cache, and video before sound, because packets of one size leave together and a smaller one only as
 * the last of them (UDP generic segmentation). Packets of one stream stay in their order. The packets themselves lie
 * where their layers keep them; a layer keeps more than are read at one time.
 */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "plane.h"

/* Make a packet due. Before it, the caller has made sure that there is room. */
void parley_make_due(struct parley_plan *plan, struct parley_due due, int is_audio) {
    struct parley_out *out = due.stream->out;
    int kind = is_audio != 0;
    if (plan->count >= PARLEY_DUE)
        return;
    if (!out->first[0] && !out->first[1])
        plan->outs[plan->out_count++] = out;
    plan->due[plan->count++] = due;
    if (out->first[kind])
        plan->due[out->last[kind] - 1].next = plan->count;
    else
        out->first[kind] = plan->count;
    out->last[kind] = plan->count;
}

/* Encrypt what is due, into the batches. */
void parley_settle(struct parley_plan *plan) {
    for (uint32_t number = 0; number < plan->out_count; number++) {
        struct parley_out *out = plan->outs[number];
        for (int kind = 0; kind < 2; kind++) {
            for (uint32_t at = out->first[kind]; at; at = plan->due[at - 1].next) {
                const struct parley_due *due = &plan->due[at - 1];
                struct parley_stream *stream = due->stream;
                if (parley_queue(out->batch, out, due->packet, due->size, due->second, due->seq, due->timestamp,
                                 stream->ssrc)) {
                    stream->packets += 1;
                    stream->bytes += (uint64_t)due->size;
                }
            }
            out->first[kind] = out->last[kind] = 0;
        }
    }
    plan->count = plan->out_count = 0;
}

/* The same, and send it. */
void parley_send_due(struct parley_plan *plan) {
    uint32_t count = plan->out_count;
    parley_settle(plan);
    for (uint32_t number = 0; number < count; number++) {
        struct parley_batch *batch = plan->outs[number]->batch;
        if (batch != NULL && batch->count > 0)
            parley_flush(batch);
    }
}
