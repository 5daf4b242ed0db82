/* The function that hack/bench measures: an HTTP/1.1 server that gives back the body it gets, as fast as it can.
 *
 * One epoll loop a thread, one buffer a connection, nothing allocated for a request. It understands what wrk, nginx and
 * faasd send: a head of at most 16 KiB and a body with Content-Length. Its one argument is the port, 8080 without it. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { THREADS = 2, EVENTS = 128, CAPACITY = 256 * 1024 };

struct connection {
    int descriptor;
    bool waits_for_room;
    size_t start, end;   /* what has been read and not been used */
    size_t body;         /* bytes of the present body that are still to be given back */
    size_t head_length, head_sent;
    char head[128];
    char bytes[CAPACITY];
};

static void finish(struct connection *connection) {
    close(connection->descriptor);
    free(connection);
}

/* Gives back what there is. Returns false when the connection is over. */
static bool answer(struct connection *c) {
    while (c->head_sent < c->head_length || (c->body > 0 && c->end > c->start)) {
        size_t part = c->end - c->start < c->body ? c->end - c->start : c->body;
        struct iovec pieces[2] = {
            {c->head + c->head_sent, c->head_length - c->head_sent}, {c->bytes + c->start, part}};
        ssize_t written = writev(c->descriptor, pieces, 2);
        if (written < 0) {
            c->waits_for_room = errno == EAGAIN;
            return c->waits_for_room;
        }
        size_t of_head = pieces[0].iov_len < (size_t)written ? pieces[0].iov_len : (size_t)written;
        c->head_sent += of_head;
        c->start += (size_t)written - of_head;
        c->body -= (size_t)written - of_head;
    }
    if (c->start == c->end) c->start = c->end = 0;
    return true;
}

static bool is_busy(const struct connection *c) { return c->body > 0 || c->head_sent < c->head_length; }

/* Begins the next request, if its head is there. Returns false when it cannot be understood. */
static bool begin(struct connection *c) {
    size_t length = c->end - c->start;
    char *head = c->bytes + c->start, *end = memmem(head, length, "\r\n\r\n", 4);
    if (end == NULL) return length < 16 * 1024;
    *end = 0;
    char *field = strcasestr(head, "\r\ncontent-length:");
    c->body = field == NULL ? 0 : strtoul(field + 17, NULL, 10);
    c->start += (size_t)(end - head) + 4;
    c->head_length = (size_t)snprintf(
        c->head, sizeof c->head, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n", c->body);
    c->head_sent = 0;
    return true;
}

static bool serve(struct connection *c) {
    c->waits_for_room = false;
    for (;;) {
        if (!answer(c)) return false;
        if (c->waits_for_room) return true;
        if (!is_busy(c) && c->end > c->start) {
            size_t before = c->start;
            if (!begin(c)) return false;
            if (c->start != before) continue;
        }
        if (c->end == CAPACITY) {
            memmove(c->bytes, c->bytes + c->start, c->end - c->start);
            c->end -= c->start;
            c->start = 0;
        }
        ssize_t count = read(c->descriptor, c->bytes + c->end, CAPACITY - c->end);
        if (count == 0) return false;
        if (count < 0) return errno == EAGAIN;
        c->end += (size_t)count;
    }
}

static void accept_from(int listener, int epoll) {
    int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), one = 1;
    struct connection *c = descriptor < 0 ? NULL : calloc(1, sizeof *c);
    if (c == NULL) {
        if (descriptor >= 0) close(descriptor);
        return;
    }
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->descriptor = descriptor;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
    epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

static void *loop(void *argument) {
    int listener = (int)(intptr_t)argument, epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event events[EVENTS], event = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.ptr = NULL};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;
            if (c == NULL) {
                accept_from(listener, epoll);
            } else if (!serve(c)) {
                finish(c);
            }
        }
    }
    return NULL;
}

/* As process 1 of a container it has to end by itself: there is no default for it. */
static void stop(int signal) {
    (void)signal;
    _exit(0);
}

int main(int argc, char **argv) {
    int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 8080)), .sin_addr.s_addr = htonl(INADDR_ANY)};
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, stop);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1024) != 0) {
        perror("echo");
        return 1;
    }
    pthread_t thread;
    for (int i = 1; i < THREADS; i++) pthread_create(&thread, NULL, loop, (void *)(intptr_t)listener);
    loop((void *)(intptr_t)listener);
}
