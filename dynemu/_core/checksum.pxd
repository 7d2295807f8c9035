from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    static uint32_t dynemu_crc_tables[8][256];

    static void dynemu_crc_fill(void) {
        for (int i = 255; i >= 0; i--) {
            uint32_t entry = (uint32_t)i;
            for (int bit = 0; bit < 8; bit++) entry = entry & 1 ? 0xEDB88320u ^ (entry >> 1) : entry >> 1;
            dynemu_crc_tables[0][i] = entry;
        }
        for (int i = 0; i < 256; i++)
            for (int table = 1; table < 8; table++) {
                uint32_t entry = dynemu_crc_tables[table - 1][i];
                dynemu_crc_tables[table][i] = dynemu_crc_tables[0][entry & 0xFF] ^ (entry >> 8);
            }
    }

    /* Takes eight bytes at a time; *crc* is inverted. */
    static uint32_t dynemu_crc_by_table(uint32_t crc, const unsigned char *data, Py_ssize_t size) {
        uint32_t (*tables)[256] = dynemu_crc_tables;
        for (; size >= 8; size -= 8, data += 8) {
            crc ^= (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16
                | (uint32_t)data[3] << 24;
            crc = tables[7][crc & 0xFF] ^ tables[6][crc >> 8 & 0xFF] ^ tables[5][crc >> 16 & 0xFF]
                ^ tables[4][crc >> 24] ^ tables[3][data[4]] ^ tables[2][data[5]] ^ tables[1][data[6]]
                ^ tables[0][data[7]];
        }
        for (; size > 0; size--, data++) crc = tables[0][(crc ^ *data) & 0xFF] ^ (crc >> 8);
        return crc;
    }

    #if defined(__GNUC__) && defined(__x86_64__)
    #include <emmintrin.h>
    #include <smmintrin.h>
    #include <wmmintrin.h>

    #define DYNEMU_FOLD(sum, factors, next) _mm_xor_si128(_mm_xor_si128( \\
        _mm_clmulepi64_si128(sum, factors, 0x00), _mm_clmulepi64_si128(sum, factors, 0x11)), next)
    #define DYNEMU_LOAD(at) _mm_loadu_si128((const __m128i *)(at))

    /* Folds 64 bytes into themselves, then 16, then reduces (Gopal and others, Intel, 2009: "Fast CRC
       Computation for Generic Polynomials Using PCLMULQDQ"). *size* is at least 64 and divides by 16. */
    __attribute__((target("pclmul,sse4.1")))
    static uint32_t dynemu_crc_by_folding(uint32_t crc, const unsigned char *data, Py_ssize_t size) {
        const __m128i by_64 = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4);
        const __m128i by_16 = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
        const __m128i last = _mm_set_epi64x(0, 0x0163cd6124);
        const __m128i barrett = _mm_set_epi64x(0x01f7011641, 0x01db710641);
        const __m128i low = _mm_setr_epi32(~0, 0, ~0, 0);
        __m128i sum = _mm_xor_si128(DYNEMU_LOAD(data), _mm_cvtsi32_si128((int)crc)), rest;
        __m128i second = DYNEMU_LOAD(data + 16);
        __m128i third = DYNEMU_LOAD(data + 32), fourth = DYNEMU_LOAD(data + 48);
        for (data += 64, size -= 64; size >= 64; data += 64, size -= 64) {
            sum = DYNEMU_FOLD(sum, by_64, DYNEMU_LOAD(data));
            second = DYNEMU_FOLD(second, by_64, DYNEMU_LOAD(data + 16));
            third = DYNEMU_FOLD(third, by_64, DYNEMU_LOAD(data + 32));
            fourth = DYNEMU_FOLD(fourth, by_64, DYNEMU_LOAD(data + 48));
        }
        sum = DYNEMU_FOLD(sum, by_16, second);
        sum = DYNEMU_FOLD(sum, by_16, third);
        sum = DYNEMU_FOLD(sum, by_16, fourth);
        for (; size >= 16; data += 16, size -= 16) sum = DYNEMU_FOLD(sum, by_16, DYNEMU_LOAD(data));
        /* 128 bits to 96, to 64, to 32. */
        sum = _mm_xor_si128(_mm_srli_si128(sum, 8), _mm_clmulepi64_si128(sum, by_16, 0x10));
        rest = _mm_srli_si128(sum, 4);
        sum = _mm_xor_si128(_mm_clmulepi64_si128(_mm_and_si128(sum, low), last, 0x00), rest);
        rest = _mm_clmulepi64_si128(_mm_and_si128(sum, low), barrett, 0x10);
        rest = _mm_clmulepi64_si128(_mm_and_si128(rest, low), barrett, 0x00);
        return (uint32_t)_mm_extract_epi32(_mm_xor_si128(sum, rest), 1);
    }

    static int dynemu_crc_folds(void) {
        static int folds = -1;
        if (folds < 0) folds = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
        return folds;
    }
    #endif

    static uint32_t dynemu_checksum(const char *bytes, Py_ssize_t size) {
        const unsigned char *data = (const unsigned char *)bytes;
        uint32_t crc = 0xFFFFFFFFu;
        if (!dynemu_crc_tables[7][1]) dynemu_crc_fill();
    #if defined(__GNUC__) && defined(__x86_64__)
        if (size >= 64 && dynemu_crc_folds()) {
            Py_ssize_t folded = size & ~(Py_ssize_t)15;
            crc = dynemu_crc_by_folding(crc, data, folded);
            data += folded;
            size -= folded;
        }
    #endif
        return ~dynemu_crc_by_table(crc, data, size);
    }
    """
    unsigned int dynemu_checksum(const char *bytes, Py_ssize_t size) noexcept


cdef inline unsigned int checksum(bytes data) noexcept:
    return dynemu_checksum(PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data))
