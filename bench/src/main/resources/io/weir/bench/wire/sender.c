/* sender DIP DPORT FLOWS BYTES PPS SECONDS: UDP frames of FLOWS source ports to one address, as fast as it can (PPS 0) or PPS
 * a second, for SECONDS at most. Prints how many the kernel took and the seconds it took.
 *
 * One send makes 32 frames of one flow, which the kernel cuts apart (UDP_SEGMENT) on the way to the wire: three times as
 * many a second as from a packet socket's ring, which was the limit of everything measured with it. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum { FIRST_PORT = 1024, HEADERS = 42, BURST = 32, SLOW = 200000, BUFFER = 8 << 20 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int flow(int i, struct sockaddr_in *to, int payload) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0), buffer = BUFFER;
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_port = htons(FIRST_PORT + i)};
    if (fd < 0 || bind(fd, (void *)&from, sizeof from) || connect(fd, (void *)to, sizeof *to)) die("socket");
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof buffer);
    if (setsockopt(fd, SOL_UDP, UDP_SEGMENT, &payload, sizeof payload)) die("UDP_SEGMENT");
    return fd;
}

int main(int argc, char **a) {
    if (argc != 7) return 2;
    int flows = atoi(a[3]), payload = atoi(a[4]) - HEADERS;
    double pps = atof(a[5]), seconds = atof(a[6]);
    if (flows < 1 || flows > 60000 || payload < 18 || payload > 1472 || seconds > 120) return 2;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(a[2]))};
    if (inet_pton(AF_INET, a[1], &to.sin_addr) != 1) return 2;
    struct rlimit files = {flows + 64, flows + 64};
    if (setrlimit(RLIMIT_NOFILE, &files)) die("setrlimit");
    int *fd = calloc(flows, sizeof *fd);
    for (int i = 0; i < flows; i++) fd[i] = flow(i, &to, payload);
    static uint8_t data[BURST * 1472];
    /* no frame of the probe has this number */
    memset(data, 0xFF, sizeof data);
    int burst = pps > 0 && pps < SLOW ? 1 : BURST, next = 0;
    uint64_t sent = 0;
    double start = now(), end = start + seconds;
    for (double t = start; t < end; t = now()) {
        if (pps > 0 && sent > (t - start) * pps) continue;
        if (send(fd[next], data, burst * payload, 0) > 0) sent += burst;
        next = next + 1 == flows ? 0 : next + 1;
    }
    printf("%llu %.6f\n", (unsigned long long)sent, now() - start);
    return 0;
}
