/* sender IF SMAC DMAC SIP DIP DPORT FLOWS BYTES PPS SECONDS: UDP frames of FLOWS source ports, as fast as it can (PPS 0)
 * or PPS a second, for SECONDS at most. Prints how many the kernel took and the seconds it took.
 *
 * A TPACKET_V2 transmit ring filled once; only the status words change. With a virtio header whose hdr_len is the frame's
 * length the kernel makes linear buffers, which every receiver likes better. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SLOTS = 4096, SLOT = 2048, KICK = 256, DATA = 32, VNET = 10 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void mac(uint8_t *to, const char *text) {
    unsigned b[6];
    if (sscanf(text, "%x:%x:%x:%x:%x:%x", b, b + 1, b + 2, b + 3, b + 4, b + 5) != 6) exit(2);
    for (int i = 0; i < 6; i++) to[i] = b[i];
}

static uint32_t sum(const uint8_t *p, int n, uint32_t s) {
    for (int i = 0; i + 1 < n; i += 2) s += p[i] << 8 | p[i + 1];
    return n & 1 ? s + (p[n - 1] << 8) : s;
}

static uint16_t fold(uint32_t s) {
    while (s >> 16) s = (s & 0xFFFF) + (s >> 16);
    return htons(~s & 0xFFFF);
}

static void frame(uint8_t *f, char **a, int flow, int bytes) {
    memset(f, 0, bytes);
    /* no frame of the probe has this number */
    memset(f + bytes - 4, 0xFF, 4);
    mac(f, a[3]);
    mac(f + 6, a[2]);
    f[12] = 8;
    uint8_t *ip = f + 14, *udp = f + 34;
    uint16_t length = htons(bytes - 14), payload = htons(bytes - 34), sport = htons(1024 + flow), dport = htons(atoi(a[6]));
    ip[0] = 0x45;
    memcpy(ip + 2, &length, 2);
    ip[6] = 0x40;
    ip[8] = 64;
    ip[9] = 17;
    inet_pton(AF_INET, a[4], ip + 12);
    inet_pton(AF_INET, a[5], ip + 16);
    uint16_t check = fold(sum(ip, 20, 0));
    memcpy(ip + 10, &check, 2);
    memcpy(udp, &sport, 2);
    memcpy(udp + 2, &dport, 2);
    memcpy(udp + 4, &payload, 2);
    check = fold(sum(udp, bytes - 34, sum(ip + 12, 8, 17 + bytes - 34)));
    if (!check) check = 0xFFFF;
    memcpy(udp + 6, &check, 2);
}

int main(int argc, char **a) {
    if (argc != 11) return 2;
    int flows = atoi(a[7]), bytes = atoi(a[8]), one = 1, version = TPACKET_V2;
    double pps = atof(a[9]), seconds = atof(a[10]);
    if (bytes < 60 || bytes > 1514 || seconds > 120) return 2;
    int fd = socket(AF_PACKET, SOCK_RAW, 0);
    if (fd < 0) die("socket");
    int vnet = bytes <= 256;
    if (vnet && setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof one)) die("PACKET_VNET_HDR");
    if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version)) die("PACKET_VERSION");
    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one);
    struct tpacket_req req = {.tp_block_size = SLOTS * SLOT / 64, .tp_block_nr = 64, .tp_frame_size = SLOT, .tp_frame_nr = SLOTS};
    if (setsockopt(fd, SOL_PACKET, PACKET_TX_RING, &req, sizeof req)) die("PACKET_TX_RING");
    uint8_t *ring = mmap(0, (size_t)SLOTS * SLOT, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (ring == MAP_FAILED) die("mmap");
    struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(a[1])};
    if (bind(fd, (void *)&to, sizeof to)) die("bind");
    for (int i = 0; i < SLOTS; i++) {
        uint8_t *slot = ring + (size_t)i * SLOT;
        struct virtio_net_hdr *v = (void *)(slot + DATA);
        if (vnet) {
            memset(v, 0, VNET);
            v->hdr_len = bytes;
        }
        frame(slot + DATA + (vnet ? VNET : 0), a, i % flows, bytes);
        ((struct tpacket2_hdr *)slot)->tp_len = bytes + (vnet ? VNET : 0);
    }
    double start = now(), end = start + seconds;
    uint64_t sent = 0;
    int next = 0;
    for (double t = start; t < end; t = now()) {
        if (pps > 0 && sent > (t - start) * pps) continue;
        int burst = pps > 0 && pps < 200000 ? 1 : pps > 0 ? 32 : KICK;
        for (int i = 0; i < burst; i++) {
            struct tpacket2_hdr *h = (void *)(ring + (size_t)next * SLOT);
            if (__atomic_load_n(&h->tp_status, __ATOMIC_ACQUIRE) & (TP_STATUS_SEND_REQUEST | TP_STATUS_SENDING)) break;
            __atomic_store_n(&h->tp_status, TP_STATUS_SEND_REQUEST, __ATOMIC_RELEASE);
            next = next + 1 == SLOTS ? 0 : next + 1;
            sent++;
        }
        send(fd, 0, 0, MSG_DONTWAIT);
    }
    printf("%llu %.6f\n", (unsigned long long)sent, now() - start);
    return 0;
}
