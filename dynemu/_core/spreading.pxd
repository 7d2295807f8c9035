cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    #define DYNEMU_MD5(f, a, b, c, d, word, turn, sum) \\
        a += (f) + block[word] + (uint32_t)sum; a = (a << turn | a >> (32 - turn)) + b
    #define DYNEMU_MD5_F(a, b, c, d, k, s, t) DYNEMU_MD5(d ^ (b & (c ^ d)), a, b, c, d, k, s, t)
    #define DYNEMU_MD5_G(a, b, c, d, k, s, t) DYNEMU_MD5(c ^ (d & (b ^ c)), a, b, c, d, k, s, t)
    #define DYNEMU_MD5_H(a, b, c, d, k, s, t) DYNEMU_MD5(b ^ c ^ d, a, b, c, d, k, s, t)
    #define DYNEMU_MD5_I(a, b, c, d, k, s, t) DYNEMU_MD5(c ^ (b | ~d), a, b, c, d, k, s, t)

    static void dynemu_md5_block(uint32_t *state, const unsigned char *data) {
        uint32_t block[16], a = state[0], b = state[1], c = state[2], d = state[3];
        for (int i = 0; i < 16; i++, data += 4)
            block[i] = (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16
                | (uint32_t)data[3] << 24;
        DYNEMU_MD5_F(a, b, c, d, 0, 7, 0xd76aa478); DYNEMU_MD5_F(d, a, b, c, 1, 12, 0xe8c7b756);
        DYNEMU_MD5_F(c, d, a, b, 2, 17, 0x242070db); DYNEMU_MD5_F(b, c, d, a, 3, 22, 0xc1bdceee);
        DYNEMU_MD5_F(a, b, c, d, 4, 7, 0xf57c0faf); DYNEMU_MD5_F(d, a, b, c, 5, 12, 0x4787c62a);
        DYNEMU_MD5_F(c, d, a, b, 6, 17, 0xa8304613); DYNEMU_MD5_F(b, c, d, a, 7, 22, 0xfd469501);
        DYNEMU_MD5_F(a, b, c, d, 8, 7, 0x698098d8); DYNEMU_MD5_F(d, a, b, c, 9, 12, 0x8b44f7af);
        DYNEMU_MD5_F(c, d, a, b, 10, 17, 0xffff5bb1); DYNEMU_MD5_F(b, c, d, a, 11, 22, 0x895cd7be);
        DYNEMU_MD5_F(a, b, c, d, 12, 7, 0x6b901122); DYNEMU_MD5_F(d, a, b, c, 13, 12, 0xfd987193);
        DYNEMU_MD5_F(c, d, a, b, 14, 17, 0xa679438e); DYNEMU_MD5_F(b, c, d, a, 15, 22, 0x49b40821);
        DYNEMU_MD5_G(a, b, c, d, 1, 5, 0xf61e2562); DYNEMU_MD5_G(d, a, b, c, 6, 9, 0xc040b340);
        DYNEMU_MD5_G(c, d, a, b, 11, 14, 0x265e5a51); DYNEMU_MD5_G(b, c, d, a, 0, 20, 0xe9b6c7aa);
        DYNEMU_MD5_G(a, b, c, d, 5, 5, 0xd62f105d); DYNEMU_MD5_G(d, a, b, c, 10, 9, 0x02441453);
        DYNEMU_MD5_G(c, d, a, b, 15, 14, 0xd8a1e681); DYNEMU_MD5_G(b, c, d, a, 4, 20, 0xe7d3fbc8);
        DYNEMU_MD5_G(a, b, c, d, 9, 5, 0x21e1cde6); DYNEMU_MD5_G(d, a, b, c, 14, 9, 0xc33707d6);
        DYNEMU_MD5_G(c, d, a, b, 3, 14, 0xf4d50d87); DYNEMU_MD5_G(b, c, d, a, 8, 20, 0x455a14ed);
        DYNEMU_MD5_G(a, b, c, d, 13, 5, 0xa9e3e905); DYNEMU_MD5_G(d, a, b, c, 2, 9, 0xfcefa3f8);
        DYNEMU_MD5_G(c, d, a, b, 7, 14, 0x676f02d9); DYNEMU_MD5_G(b, c, d, a, 12, 20, 0x8d2a4c8a);
        DYNEMU_MD5_H(a, b, c, d, 5, 4, 0xfffa3942); DYNEMU_MD5_H(d, a, b, c, 8, 11, 0x8771f681);
        DYNEMU_MD5_H(c, d, a, b, 11, 16, 0x6d9d6122); DYNEMU_MD5_H(b, c, d, a, 14, 23, 0xfde5380c);
        DYNEMU_MD5_H(a, b, c, d, 1, 4, 0xa4beea44); DYNEMU_MD5_H(d, a, b, c, 4, 11, 0x4bdecfa9);
        DYNEMU_MD5_H(c, d, a, b, 7, 16, 0xf6bb4b60); DYNEMU_MD5_H(b, c, d, a, 10, 23, 0xbebfbc70);
        DYNEMU_MD5_H(a, b, c, d, 13, 4, 0x289b7ec6); DYNEMU_MD5_H(d, a, b, c, 0, 11, 0xeaa127fa);
        DYNEMU_MD5_H(c, d, a, b, 3, 16, 0xd4ef3085); DYNEMU_MD5_H(b, c, d, a, 6, 23, 0x04881d05);
        DYNEMU_MD5_H(a, b, c, d, 9, 4, 0xd9d4d039); DYNEMU_MD5_H(d, a, b, c, 12, 11, 0xe6db99e5);
        DYNEMU_MD5_H(c, d, a, b, 15, 16, 0x1fa27cf8); DYNEMU_MD5_H(b, c, d, a, 2, 23, 0xc4ac5665);
        DYNEMU_MD5_I(a, b, c, d, 0, 6, 0xf4292244); DYNEMU_MD5_I(d, a, b, c, 7, 10, 0x432aff97);
        DYNEMU_MD5_I(c, d, a, b, 14, 15, 0xab9423a7); DYNEMU_MD5_I(b, c, d, a, 5, 21, 0xfc93a039);
        DYNEMU_MD5_I(a, b, c, d, 12, 6, 0x655b59c3); DYNEMU_MD5_I(d, a, b, c, 3, 10, 0x8f0ccc92);
        DYNEMU_MD5_I(c, d, a, b, 10, 15, 0xffeff47d); DYNEMU_MD5_I(b, c, d, a, 1, 21, 0x85845dd1);
        DYNEMU_MD5_I(a, b, c, d, 8, 6, 0x6fa87e4f); DYNEMU_MD5_I(d, a, b, c, 15, 10, 0xfe2ce6e0);
        DYNEMU_MD5_I(c, d, a, b, 6, 15, 0xa3014314); DYNEMU_MD5_I(b, c, d, a, 13, 21, 0x4e0811a1);
        DYNEMU_MD5_I(a, b, c, d, 4, 6, 0xf7537e82); DYNEMU_MD5_I(d, a, b, c, 11, 10, 0xbd3af235);
        DYNEMU_MD5_I(c, d, a, b, 2, 15, 0x2ad7d2bb); DYNEMU_MD5_I(b, c, d, a, 9, 21, 0xeb86d391);
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    }

    /* What spread() returns: the first four bytes of a digest, as a big-endian number. */
    static uint32_t dynemu_md5_start(const unsigned char *data, Py_ssize_t size) {
        uint32_t state[4] = {0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u};
        unsigned char last[128];
        Py_ssize_t whole = size & ~(Py_ssize_t)63, rest = size - whole, end = rest < 56 ? 64 : 128;
        uint64_t bits = (uint64_t)size * 8;
        for (Py_ssize_t at = 0; at < whole; at += 64) dynemu_md5_block(state, data + at);
        memcpy(last, data + whole, (size_t)rest);
        memset(last + rest, 0, (size_t)(end - rest));
        last[rest] = 0x80;
        for (int i = 0; i < 8; i++) last[end - 8 + i] = (unsigned char)(bits >> (8 * i));
        for (Py_ssize_t at = 0; at < end; at += 64) dynemu_md5_block(state, last + at);
        return state[0] << 24 | (state[0] << 8 & 0xFF0000u) | (state[0] >> 8 & 0xFF00u) | state[0] >> 24;
    }

    /* Writes the service's bytes of a number that is not zero, at most 21; 0: *head* is no number. */
    static Py_ssize_t dynemu_spread_number(unsigned char *out, const unsigned char *head, Py_ssize_t size) {
        int negative = size > 0 && head[0] == 1, exponent, digits = (int)size - 3, odd, pairs;
        if (digits < 1 || digits > 38 || (head[0] != 1 && head[0] != 3)) return 0;
        for (int i = 2; i < digits + 2; i++) if (head[i] < '0' || head[i] > '9') return 0;
        exponent = (negative ? 255 - head[1] : head[1]) - 130 + 1;
        odd = exponent & 1;
        pairs = (digits + odd + 1) / 2;
        memset(out, 0, 22);
        for (int i = 0; i < digits; i++) {
            int digit = negative ? '9' - head[i + 2] : head[i + 2] - '0';
            out[(i + odd) / 2 + 1] += (unsigned char)((i + odd) & 1 ? digit : digit * 10);
        }
        for (int i = 1; i <= pairs; i++) out[i] = (unsigned char)(negative ? 101 - out[i] : out[i] + 1);
        out[0] = (unsigned char)((exponent + odd) / 2 - 64);
        if (!negative) return pairs + 1;
        out[0] ^= 255;
        if (pairs >= 20) return pairs + 1;
        out[pairs + 1] = 102;
        return pairs + 2;
    }

    static Py_ssize_t dynemu_spread_text(unsigned char *out, const unsigned char *head, Py_ssize_t size) {
        Py_ssize_t at = 0;
        for (Py_ssize_t i = 0; i < size; i++) {
            out[at++] = head[i];
            if (head[i] == 0 && i + 1 < size && head[i + 1] == 255) i++;
        }
        return at;
    }

    #define DYNEMU_SPREAD_MOST 4352

    static uint32_t dynemu_spread(const char *start, Py_ssize_t size) {
        const unsigned char *head = (const unsigned char *)start;
        unsigned char room[DYNEMU_SPREAD_MOST + 8], *out = room + 8;
        Py_ssize_t length;
        if (size > DYNEMU_SPREAD_MOST) return 0;
        memcpy(room, "Outliers", 8);
        if (size >= 2 && head[size - 1] == 0 && head[size - 2] == 0) {
            length = size - 2;
            if (memchr(head, 0, (size_t)length) == NULL) memcpy(out, head, (size_t)length);
            else length = dynemu_spread_text(out, head, length);
        } else if (size == 1 && head[0] == 2) {
            out[0] = 0x80;
            length = 1;
        } else if ((length = dynemu_spread_number(out, head, size)) == 0) {
            memcpy(out, head, (size_t)size);
            length = size;
        }
        return dynemu_md5_start(room, length + 8);
    }
    """
    unsigned int dynemu_spread(const char *start, Py_ssize_t size) noexcept


cdef inline unsigned int spread(const char *head, Py_ssize_t size) noexcept:
    return dynemu_spread(head, size)
