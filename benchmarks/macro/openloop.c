/* Sends prepared requests at a fixed rate, whether or not the server keeps up, and prints how long each took.
 *
 *     openloop PORT RATE SECONDS CONNECTIONS FILE
 *
 * Request number n is due n/RATE seconds after the start. It goes out on an idle connection, or waits for one;
 * either way its latency counts from the moment it was due, so that what a slow answer holds up is not left out.
 * FILE holds the requests one after another, each as its length in bytes, a newline and the bytes.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/time_types.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define HEAD_BYTES 8192
#define GRACE_NS 1000000000 /* how long answers may still come after the last request was due */
#define BURST 8             /* requests sent at most before it looks for answers again */
#define NEVER INT64_MAX

typedef struct {
    char *bytes;
    size_t size;
} Request;

typedef struct {
    int fd;
    int64_t due;      /* of the request under way, or NEVER */
    size_t head_size; /* bytes of the answer's head so far */
    long body_left;   /* bytes of its body to come, or -1 before the head is complete */
    char head[HEAD_BYTES];
} Connection;

static Request *requests;
static size_t request_count;
static Connection *connections;
static int *idle;
static int idle_count;
static int64_t *latencies, *delays;
static size_t answered, sent, refused;
static int64_t idle_since; /* when the first of the idle connections became idle */

static void fail(const char *what) {
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static void read_requests(const char *path) {
    FILE *file = fopen(path, "rb");
    size_t size, room = 0;
    if (!file)
        fail(path);
    while (fscanf(file, "%zu%*c", &size) == 1) {
        if (request_count == room)
            requests = realloc(requests, (room = room ? 2 * room : 1024) * sizeof *requests);
        requests[request_count] = (Request){malloc(size), size};
        if (fread(requests[request_count++].bytes, 1, size, file) != size)
            fail("a request is cut off");
    }
    fclose(file);
}

static void connect_all(int port, int count, int queue) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connections = calloc(count, sizeof *connections);
    idle = calloc(count, sizeof *idle);
    for (int i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
        int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address))
            fail("connect");
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        fcntl(fd, F_SETFL, O_NONBLOCK);
        connections[i] = (Connection){.fd = fd, .due = NEVER};
        epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event);
        idle[idle_count++] = i;
    }
}

/* The last connection that became idle goes first, as in the pools of HTTP clients. */
static void send_one(int64_t due) {
    Connection *connection = &connections[idle[--idle_count]];
    Request *request = &requests[sent % request_count];
    connection->due = due;
    connection->head_size = 0;
    connection->body_left = -1;
    for (size_t done = 0; done < request->size;) {
        ssize_t size = send(connection->fd, request->bytes + done, request->size - done, MSG_NOSIGNAL);
        if (size < 0 && errno != EAGAIN)
            fail("send");
        if (size < 0)
            poll(&(struct pollfd){.fd = connection->fd, .events = POLLOUT}, 1, 100);
        else
            done += size;
    }
    sent++;
}

/* Takes the head's part of what came; returns how much of it that was. */
static size_t take_head(Connection *connection, const char *bytes, size_t size) {
    size_t before = connection->head_size, room = HEAD_BYTES - 1 - before, taken = size < room ? size : room;
    memcpy(connection->head + before, bytes, taken);
    connection->head[before + taken] = 0;
    char *end = strstr(connection->head, "\r\n\r\n");
    connection->head_size += taken;
    if (!end) {
        if (taken < size)
            errno = EMSGSIZE, fail("the head of an answer");
        return taken;
    }
    char *length = strcasestr(connection->head, "\r\ncontent-length:");
    if (!length || length > end)
        errno = EPROTO, fail("an answer without Content-Length");
    connection->body_left = atol(length + 17);
    if (strncmp(connection->head + 8, " 200", 4))
        refused++;
    return end + 4 - connection->head - before;
}

static void receive(int number) {
    static char bytes[1 << 18];
    Connection *connection = &connections[number];
    ssize_t size = recv(connection->fd, bytes, sizeof bytes, 0);
    if (size < 0 && errno == EAGAIN)
        return;
    if (size == 0)
        errno = ECONNRESET;
    else if (size > 0 && connection->due == NEVER)
        errno = EPROTO;
    if (size <= 0 || connection->due == NEVER)
        fail("an answer");
    size_t taken = connection->body_left < 0 ? take_head(connection, bytes, size) : 0;
    if (connection->body_left < 0)
        return;
    connection->body_left -= size - taken;
    if (connection->body_left < 0)
        errno = EPROTO, fail("an answer");
    if (connection->body_left == 0) {
        latencies[answered++] = now() - connection->due;
        connection->due = NEVER;
        idle_since = idle_count ? idle_since : now();
        idle[idle_count++] = number;
    }
}

static void wait_for(int queue, int64_t until) {
    struct epoll_event events[256];
    int64_t left = until - now();
    struct __kernel_timespec limit = {left > 0 ? left / 1000000000 : 0, left > 0 ? left % 1000000000 : 0};
    int count = syscall(SYS_epoll_pwait2, queue, events, 256, &limit, NULL, 0);
    if (count < 0 && errno != EINTR)
        fail("epoll_pwait2");
    for (int i = 0; i < count; i++)
        receive(events[i].data.u32);
}

static int by_size(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static double rank(const int64_t *sorted, size_t count, double part) {
    size_t place = part * count;
    return count ? sorted[place < count ? place : count - 1] / 1e3 : 0;
}

/* Counts what was never answered with the time that it has waited. */
static void count_the_rest(int connection_count, size_t total, int64_t start, double gap) {
    size_t count = answered;
    int64_t at = now();
    for (int i = 0; i < connection_count; i++)
        if (connections[i].due != NEVER)
            latencies[count++] = at - connections[i].due;
    for (size_t number = sent; number < total; number++)
        latencies[count++] = at - (start + (int64_t)(number * gap));
}

static void print_result(size_t total, double seconds) {
    qsort(latencies, total, sizeof *latencies, by_size);
    qsort(delays, sent, sizeof *delays, by_size);
    printf("{\"due\": %zu, \"answered\": %zu, \"refused\": %zu, \"seconds\": %.6f, ", total, answered, refused, seconds);
    printf("\"p50_us\": %.1f, \"p90_us\": %.1f, ", rank(latencies, total, .5), rank(latencies, total, .9));
    printf("\"p99_us\": %.1f, \"p999_us\": %.1f, ", rank(latencies, total, .99), rank(latencies, total, .999));
    printf("\"max_us\": %.1f, \"late_p99_us\": %.1f}\n", rank(latencies, total, 1), rank(delays, sent, .99));
}

int main(int count, char **arguments) {
    if (count != 6) {
        fprintf(stderr, "usage: openloop PORT RATE SECONDS CONNECTIONS FILE\n");
        return 2;
    }
    double gap = 1e9 / atof(arguments[2]);
    size_t total = atof(arguments[2]) * atof(arguments[3]) + .5;
    int connection_count = atoi(arguments[4]), queue = epoll_create1(0);
    prctl(PR_SET_TIMERSLACK, 1UL); /* wakes up when it asks to, not up to 50 us later */
    read_requests(arguments[5]);
    latencies = calloc(total + 1, sizeof *latencies);
    delays = calloc(total + 1, sizeof *delays);
    connect_all(atoi(arguments[1]), connection_count, queue);
    if (!request_count || !total || !connection_count)
        errno = EINVAL, fail("nothing to send");
    int64_t start = now() + 20000000, last = start + (int64_t)((total - 1) * gap);
    while (answered < total && now() < last + GRACE_NS) {
        int64_t due = start + (int64_t)(sent * gap), at;
        for (int burst = 0; burst < BURST && sent < total && idle_count && due <= (at = now()); burst++) {
            delays[sent] = at - (due > idle_since ? due : idle_since);
            send_one(due);
            due = start + (int64_t)(sent * gap);
        }
        wait_for(queue, sent < total && idle_count ? due : last + GRACE_NS);
    }
    double seconds = (now() - start) / 1e9;
    count_the_rest(connection_count, total, start, gap);
    print_result(total, seconds);
    return 0;
}
