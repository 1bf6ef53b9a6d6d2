/* probe OUT-IF IN-IF IN-NETNS-FILE FRAME-FILE PPS COUNT RECORD-FILE: sends the frames of FRAME-FILE (each a 16-bit length
 * in network order and that many bytes) in turn, one at a time, PPS a second, COUNT in all and for 50 seconds at most; each
 * carries its number in its last four bytes. Receives them in the other namespace. Prints one line for each frame sent:
 * nanoseconds, or -1 if it could not be sent or did not arrive within 5 ms. The first 64 that arrive are written to RECORD-FILE, likewise. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int open_on(const char *interface, int protocol) {
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
    struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = if_nametoindex(interface)};
    if (fd < 0 || bind(fd, (void *)&at, sizeof at)) die(interface);
    return fd;
}

int main(int argc, char **a) {
    if (argc != 8) return 2;
    int out = open_on(a[1], 0);
    int ns = open(a[3], O_RDONLY);
    if (ns < 0 || setns(ns, CLONE_NEWNET)) die(a[3]);
    int in = open_on(a[2], ETH_P_ALL), records = 0;
    FILE *frames = fopen(a[4], "r"), *record = fopen(a[7], "w");
    if (!frames || !record) die("file");
    static uint8_t all[1 << 16][1516];
    static uint16_t length[1 << 16];
    int n = 0;
    for (uint16_t l; n < 1 << 16 && fread(&l, 2, 1, frames) == 1; n++) {
        length[n] = ntohs(l);
        if (length[n] < 46 || length[n] > 1514 || fread(all[n], 1, length[n], frames) != length[n]) return 2;
    }
    double pps = atof(a[5]);
    int64_t gap = 1e9 / pps, start = now(), limit = start + 50000000000LL;
    long count = atol(a[6]);
    for (long i = 0; i < count && now() < limit; i++) {
        while (now() < start + i * gap) ;
        uint8_t *f = all[i % n], got[2048];
        uint16_t l = length[i % n], net;
        uint32_t number = htonl(i);
        memcpy(f + l - 4, &number, 4);
        int64_t sent = now(), took = -1;
        int gone = send(out, f, l, 0) == l;
        for (int64_t t; gone && (t = now()) < sent + 5000000;) {
            ssize_t r = recv(in, got, sizeof got, 0);
            if (r < 46) continue;
            t = now();
            if (memcmp(got + r - 4, &number, 4)) continue;
            took = t - sent;
            if (records++ < 64) {
                net = htons(r);
                fwrite(&net, 2, 1, record);
                fwrite(got, 1, r, record);
            }
            break;
        }
        printf("%lld\n", (long long)took);
    }
    return 0;
}
