/* Tells a publisher which packets arrived when; the twin of parley/sfu/transport_cc.py for the usual case. */

#include <stdint.h>
#include <string.h>

#include "bytes.h"
#include "plane.h"

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
