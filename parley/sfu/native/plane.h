/* What C and Python share of the native plane. The compiler and cffi both read this file: declarations and plain numbers only. */

#define PARLEY_SLOTS 64
#define PARLEY_OUT_SLOTS 128
#define PARLEY_SLOT_BYTES 2048
#define PARLEY_TRAILER 160
#define PARLEY_NAME_BYTES 28
#define PARLEY_CONTROL_BYTES 24
#define PARLEY_MAX_PACKET 1500
#define PARLEY_MAX_PAYLOAD 1400
#define PARLEY_KEPT_BYTES 1424
#define PARLEY_FAN 64
#define PARLEY_DUE 512
#define PARLEY_TRACKS 24
#define PARLEY_ARRIVALS 512
#define PARLEY_LEVELS 64
#define PARLEY_SOURCES 1024
#define PARLEY_MAX_REPORTED 380
#define PARLEY_FEEDBACK_BYTES 1300
#define PARLEY_ABS_SEND_TIME 1
#define PARLEY_VIDEO_ORIENTATION 2
#define PARLEY_AUDIO_LEVEL 3

/* What parley_receive found: nothing more, a datagram as it came, a decrypted RTP packet, streams that it left. */
#define PARLEY_DRAINED 0
#define PARLEY_RAW 1
#define PARLEY_RTP 2
#define PARLEY_LEFT 3

/* srtp_protect and srtp_unprotect: context, packet, its length in and out; 0 when it went well. */
typedef int (*parley_crypt)(void *context, void *packet, int *length);

/* struct iovec and struct mmsghdr of 64-bit Linux, asserted in plane.c. */
struct parley_vector {
    void *base;
    uint64_t length;
};

struct parley_message {
    void *name;
    uint32_t name_length, pad_1;
    struct parley_vector *vectors;
    uint64_t vector_count;
    void *control;
    uint64_t control_length;
    int32_t flags, pad_2;
    uint32_t sent, pad_3;
};

/* Where one transport's packets go. batch is NULL while there is no path or no key. message is the one of the batch's
 * messages that the next packet may join, while generation is the batch's. */
struct parley_out {
    struct parley_batch *batch;
    void *context;
    uint8_t name[PARLEY_NAME_BYTES];
    uint32_t name_length;
    uint64_t generation;
    uint32_t message, pad;
    uint32_t first[2], last[2]; /* due video and sound: their places in the plan and one, 0 for none */
};

/* One stream on its way out; next and offset are those of sequence.SequenceMapper. */
struct parley_stream {
    struct parley_out *out;
    int64_t next, offset;
    uint64_t packets, bytes;
    uint32_t ssrc, timestamp_offset;
    int32_t started;
    int32_t munged; /* it gets its packets with other picture ids: Python's work */
};

/* One message to the kernel: packets for one address, all of `segment` bytes but the last, which may be shorter. */
struct parley_group {
    uint32_t first, last, count, segment, total;
    int32_t is_full;
};

/* Packets gathered for one socket: `count` of them, in `groups_count` messages. segments: whether the kernel takes many
 * packets for one address in one message; not_for: flushes until that is tried again after it failed. */
struct parley_batch {
    parley_crypt protect;
    uint64_t sent, dropped, refused, generation;
    int32_t fd, segments, not_for;
    uint32_t count, group_count;
    struct parley_group groups[PARLEY_OUT_SLOTS];
    uint32_t sizes[PARLEY_OUT_SLOTS], following[PARLEY_OUT_SLOTS];
    struct parley_message messages[PARLEY_OUT_SLOTS];
    struct parley_vector vectors[PARLEY_OUT_SLOTS];
    uint8_t names[PARLEY_OUT_SLOTS][32];
    uint64_t controls[PARLEY_OUT_SLOTS][3];
    uint8_t slots[PARLEY_OUT_SLOTS][PARLEY_SLOT_BYTES];
};

/* One packet as all subscribers get it, kept for those who miss it; see retransmission.py and template.py. */
struct parley_kept {
    int32_t seq, size;
    double at;
    uint8_t packet[PARLEY_KEPT_BYTES];
};

/* One layer as it arrives: what publisher.py, receive_stats.py, nack.py, rate.py and producer.py count of it.
 * open: the next packet may be forwarded here, if nothing is unusual about it; Python says so, and takes it back. */
struct parley_layer {
    int32_t open, payload_type, sent_type, is_audio, is_microphone;
    int32_t next;
    int32_t last_seq;
    uint32_t last_timestamp;
    double last_at, live_for;
    int32_t base, max_seq, has_transit, bucket;
    int64_t cycles;
    uint64_t packets, bytes;
    double transit, jitter, clock_rate;
    double step, bucket_ends, first;
    uint64_t total, buckets[10];
    struct parley_kept *kept;
    uint32_t kept_mask;
    int32_t count, left_count;
    struct parley_stream **streams;
    uint8_t left[PARLEY_FAN];
};

struct parley_arrival {
    double at;
    uint32_t seq, ssrc;
};

struct parley_level {
    double at;
    int32_t value, pad;
};

/* What comes from one transport. context is NULL while there is no key. */
struct parley_in {
    void *context;
    double last_seen;
    uint64_t packets, bytes, rejected;
    int32_t transport_cc, audio_level, video_orientation; /* ids of header extensions, 0 for none */
    int32_t tracks, arrived, levelled;
    uint32_t ssrcs[PARLEY_TRACKS];
    struct parley_layer *layers[PARLEY_TRACKS];
    struct parley_arrival arrivals[PARLEY_ARRIVALS];
    struct parley_level levels[PARLEY_LEVELS];
};

/* A packet that one stream is due: with this second byte, number and timestamp. next: see parley_out. */
struct parley_due {
    struct parley_stream *stream;
    const uint8_t *packet;
    int32_t size, second, seq;
    uint32_t timestamp, next, pad;
};

/* Packets that are due, and whose they are; see due.c. */
struct parley_plan {
    uint32_t count, out_count;
    struct parley_out *outs[PARLEY_DUE];
    struct parley_due due[PARLEY_DUE];
};

/* An address that a transport has proven. */
struct parley_source_of {
    uint8_t name[32];
    struct parley_in *source;
};

/* One UDP socket. length, source and layer: of the packet that Python is to look at, which lies in slots[place]. */
struct parley_node {
    parley_crypt unprotect;
    int32_t fd, place, length;
    int32_t at, count, is_reading, is_full;
    int32_t timer, is_gathering; /* a timerfd, or -1; whether that is waited for instead of the socket */
    uint64_t received;
    struct parley_in *source;
    struct parley_layer *layer;
    struct parley_plan plan;
    int32_t sources;
    struct parley_source_of table[PARLEY_SOURCES]; /* sorted by name */
    struct parley_message messages[PARLEY_SLOTS];
    struct parley_vector vectors[PARLEY_SLOTS];
    uint8_t names[PARLEY_SLOTS][32];
    uint8_t slots[PARLEY_SLOTS][PARLEY_SLOT_BYTES];
};

/* The header of an RTP packet, as rtp.py reads it. */
struct parley_header {
    int32_t marker, payload_type, seq;
    uint32_t timestamp, ssrc;
    int32_t header_length, payload_length, padding_length;
    int32_t extension_profile, extension_offset, extension_length;
};

const char *parley_source(void);
void parley_flush(struct parley_batch *batch);
int parley_queue(struct parley_batch *batch, struct parley_out *out, const uint8_t *packet, int size, int second, int seq,
                 uint32_t timestamp, uint32_t ssrc);
int parley_forward(const struct parley_batch *batch, const uint8_t *packet, int size, int second, int seq, uint32_t timestamp,
                   struct parley_stream **streams, int count, uint8_t *left);
int parley_parse(const uint8_t *packet, int length, struct parley_header *header);
int parley_find_extension(const uint8_t *packet, const struct parley_header *header, int id, int *size);
int parley_timer(void);
int parley_gather(struct parley_node *node, int64_t every);
void parley_start(struct parley_node *node);
int parley_hold(struct parley_node *node, const uint8_t *name, struct parley_in *in);
int parley_media(struct parley_plan *plan, struct parley_in *in, struct parley_layer *layer, const uint8_t *packet,
                 int length, double now);
void parley_make_due(struct parley_plan *plan, struct parley_due due, int is_audio);
void parley_settle(struct parley_plan *plan);
void parley_send_due(struct parley_plan *plan);
int parley_number(struct parley_stream *stream, int seq);
int parley_feedback(const struct parley_in *in, uint32_t sender_ssrc, uint32_t base, uint32_t number, uint8_t *packet);
int parley_handle(struct parley_node *node, int place, int length, double now);
int parley_receive(struct parley_node *node, double now);
