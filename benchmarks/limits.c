/* What can a machine do at best? The block map of a chain as a plain loop in C.
 *
 * All blocks are 2 MiB (4,096 sectors, bitmaps of one sector). Tables are given as they are stored (big-endian), the
 * top layer first. The host is little-endian. Nothing is checked: this is the limit, not a reader.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define UNUSED 0xFFFFFFFFu
#define SECTOR 512
#define SECTORS 4096
#define WORDS (SECTORS / 64)
#define FULL (~0ull)
#define ZERO (-1)

struct __attribute__((packed)) extent {
    int64_t start, length;
    int32_t layer; /* counted from the base, or ZERO */
    int64_t file_offset;
};

struct output {
    struct extent *at;
    size_t capacity; /* a ring, where there are more extents than that */
    size_t count;
    int64_t zeros; /* where the zeros begin that are not put out yet, in bytes; -1: there are none */
};

static void put(struct output *out, int64_t start, int64_t length, int32_t layer, int64_t file_offset)
{
    struct extent *next = &out->at[out->count++ % out->capacity];
    next->start = start;
    next->length = length;
    next->layer = layer;
    next->file_offset = file_offset;
}

static void put_zeros(struct output *out, int64_t start)
{
    if (out->zeros < 0)
        out->zeros = start;
}

static void put_data(struct output *out, int64_t start, int64_t length, int32_t layer, int64_t file_offset)
{
    if (out->zeros >= 0)
        put(out, out->zeros, start - out->zeros, ZERO, -1);
    out->zeros = -1;
    put(out, start, length, layer, file_offset);
}

/* The sectors that are set in `claims` belong to `layer`. */
static void own(int16_t *owner, const uint64_t *claims, int16_t layer)
{
    for (int word = 0; word < WORDS; word++) {
        uint64_t left = __builtin_bswap64(claims[word]);
        while (left) {
            int first = __builtin_clzll(left);
            uint64_t behind = ~(left << first);
            int length = behind ? __builtin_clzll(behind) : 64;
            if (first + length > 64)
                length = 64 - first;
            for (int sector = 0; sector < length; sector++)
                owner[word * 64 + first + sector] = layer;
            left = first + length < 64 ? left & (FULL >> (first + length)) : 0;
        }
    }
}

/* Returns how many extents the disk has, or 0 where a bitmap cannot be read. */
size_t resolve(const uint32_t *const *tables, const int *files, int layers, size_t blocks, struct extent *extents,
               size_t capacity)
{
    struct output out = {extents, capacity, 0, -1};
    uint64_t bits[WORDS], covered[WORDS], claims[WORDS];
    int64_t data[1 << 15];
    int16_t owner[SECTORS];
    for (size_t block = 0; block < blocks; block++) {
        int64_t start = (int64_t)block * SECTORS * SECTOR;
        int asked = 0, full = 0;
        for (int layer = 0; layer < layers && !full; layer++) {
            uint32_t entry = tables[layer][block];
            if (entry == UNUSED)
                continue;
            int64_t offset = (int64_t)__builtin_bswap32(entry) * SECTOR;
            if (pread(files[layer], bits, SECTOR, offset) != SECTOR)
                return 0;
            data[layer] = offset + SECTOR;
            uint64_t all = FULL;
            if (!asked) {
                for (int word = 0; word < WORDS; word++)
                    all &= bits[word];
                if (all == FULL) {
                    put_data(&out, start, SECTORS * SECTOR, layers - 1 - layer, data[layer]);
                    full = 2;
                    break;
                }
                memset(covered, 0, sizeof covered);
                memset(owner, 0xFF, sizeof owner);
            }
            all = FULL;
            for (int word = 0; word < WORDS; word++) {
                claims[word] = bits[word] & ~covered[word];
                covered[word] |= bits[word];
                all &= covered[word];
            }
            own(owner, claims, (int16_t)layer);
            asked++;
            full = all == FULL;
        }
        if (full == 2)
            continue;
        if (!asked) {
            put_zeros(&out, start);
            continue;
        }
        for (int sector = 0, end; sector < SECTORS; sector = end) {
            int16_t layer = owner[sector];
            for (end = sector + 1; end < SECTORS && owner[end] == layer; end++)
                ;
            int64_t at = (int64_t)sector * SECTOR;
            if (layer < 0)
                put_zeros(&out, start + at);
            else
                put_data(&out, start + at, (int64_t)(end - sector) * SECTOR, layers - 1 - layer, data[layer] + at);
        }
    }
    if (out.zeros >= 0)
        put(&out, out.zeros, (int64_t)blocks * SECTORS * SECTOR - out.zeros, ZERO, -1);
    return out.count;
}

/* The tables alone: which layer from the top has each block (-1: none), and where. */
void merge_tables(const uint32_t *const *tables, int layers, size_t blocks, int16_t *owner, uint32_t *entry)
{
    for (size_t first = 0; first < blocks; first += 4096) {
        size_t end = first + 4096 < blocks ? first + 4096 : blocks;
        for (size_t block = first; block < end; block++) {
            owner[block] = -1;
            entry[block] = UNUSED;
        }
        for (int layer = layers - 1; layer >= 0; layer--) {
            const uint32_t *table = tables[layer];
            for (size_t block = first; block < end; block++)
                if (table[block] != UNUSED) {
                    owner[block] = (int16_t)layer;
                    entry[block] = __builtin_bswap32(table[block]);
                }
        }
    }
}
