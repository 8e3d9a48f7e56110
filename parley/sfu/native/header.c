/* Reads the header of an RTP packet; the twin of parley/sfu/rtp.py. */

#include <stdint.h>
#include <string.h>

#include "bytes.h"
#include "plane.h"

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
