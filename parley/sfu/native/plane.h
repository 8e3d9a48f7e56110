/* What C and Python share of the native plane. The compiler and cffi both read this file: declarations and plain numbers only. */

#define PARLEY_SLOTS 64
#define PARLEY_SLOT_BYTES 2048
#define PARLEY_TRAILER 160
#define PARLEY_NAME_BYTES 28
#define PARLEY_CONTROL_BYTES 24

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

/* Where one transport's packets go. batch is NULL while there is no path or no key. */
struct parley_out {
    struct parley_batch *batch;
    void *context;
    uint8_t name[PARLEY_NAME_BYTES];
    uint32_t name_length;
};

/* One stream on its way out; next and offset are those of sequence.SequenceMapper. */
struct parley_stream {
    struct parley_out *out;
    int64_t next, offset;
    uint64_t packets, bytes;
    uint32_t ssrc, timestamp_offset;
    int32_t started, pad;
};

/* Packets gathered for one socket. */
struct parley_batch {
    parley_crypt protect;
    uint64_t sent, dropped, refused;
    int32_t fd;
    uint32_t count;
    struct parley_message messages[PARLEY_SLOTS];
    struct parley_vector vectors[PARLEY_SLOTS];
    uint8_t names[PARLEY_SLOTS][32];
    uint8_t slots[PARLEY_SLOTS][PARLEY_SLOT_BYTES];
};

const char *parley_source(void);
void parley_flush(struct parley_batch *batch);
int parley_queue(struct parley_batch *batch, struct parley_out *out, const uint8_t *packet, int size, int second, int seq,
                 uint32_t timestamp, uint32_t ssrc);
int parley_forward(struct parley_batch *batch, const uint8_t *packet, int size, int second, int seq, uint32_t timestamp,
                   struct parley_stream **streams, int count, uint8_t *left);
