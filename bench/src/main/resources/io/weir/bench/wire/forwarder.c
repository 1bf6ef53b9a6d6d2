/* forwarder IN OUT VIP SMAC DMAC: the least a director can do. Frames for VIP that come in through IN leave through OUT
 * with other MACs: a TPACKET_V3 receive ring, a TPACKET_V2 transmit ring, one thread that never sleeps. Prints "ready".
 * It ends by itself after ten minutes. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BLOCKS = 64, BLOCK = 1 << 18, SLOTS = 4096, SLOT = 2048, DATA = 32 };

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void mac(uint8_t *to, const char *text) {
    unsigned b[6];
    if (sscanf(text, "%x:%x:%x:%x:%x:%x", b, b + 1, b + 2, b + 3, b + 4, b + 5) != 6) exit(2);
    for (int i = 0; i < 6; i++) to[i] = b[i];
}

static int bound(int fd, const char *interface, int protocol) {
    struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = if_nametoindex(interface)};
    if (bind(fd, (void *)&at, sizeof at)) die("bind");
    return fd;
}

int main(int argc, char **a) {
    if (argc != 6) return 2;
    uint8_t macs[12];
    uint32_t vip;
    mac(macs, a[5]);
    mac(macs + 6, a[4]);
    inet_pton(AF_INET, a[3], &vip);
    int rx = socket(AF_PACKET, SOCK_RAW, 0), tx = socket(AF_PACKET, SOCK_RAW, 0), v3 = TPACKET_V3, v2 = TPACKET_V2, one = 1;
    if (rx < 0 || tx < 0) die("socket");
    if (setsockopt(rx, SOL_PACKET, PACKET_VERSION, &v3, sizeof v3)) die("V3");
    struct tpacket_req3 in = {.tp_block_size = BLOCK, .tp_block_nr = BLOCKS, .tp_frame_size = 2048, .tp_frame_nr = BLOCK / 2048 * BLOCKS, .tp_retire_blk_tov = 1};
    if (setsockopt(rx, SOL_PACKET, PACKET_RX_RING, &in, sizeof in)) die("PACKET_RX_RING");
    uint8_t *ring = mmap(0, (size_t)BLOCKS * BLOCK, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, rx, 0);
    if (ring == MAP_FAILED) die("mmap");
    if (setsockopt(tx, SOL_PACKET, PACKET_VERSION, &v2, sizeof v2)) die("V2");
    setsockopt(tx, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one);
    struct tpacket_req out = {.tp_block_size = SLOTS * SLOT / 64, .tp_block_nr = 64, .tp_frame_size = SLOT, .tp_frame_nr = SLOTS};
    if (setsockopt(tx, SOL_PACKET, PACKET_TX_RING, &out, sizeof out)) die("PACKET_TX_RING");
    uint8_t *send_ring = mmap(0, (size_t)SLOTS * SLOT, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, tx, 0);
    if (send_ring == MAP_FAILED) die("mmap");
    bound(rx, a[1], ETH_P_ALL);
    bound(tx, a[2], 0);
    puts("ready");
    fflush(stdout);
    time_t end = time(0) + 600;
    int next = 0;
    for (int block = 0;; block = (block + 1) % BLOCKS) {
        struct tpacket_block_desc *b = (void *)(ring + (size_t)block * BLOCK);
        for (unsigned spins = 0; !(__atomic_load_n(&b->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER); spins++)
            if (!(spins & 0xFFFFFF) && time(0) > end) return 0;
        uint8_t *p = (uint8_t *)b + b->hdr.bh1.offset_to_first_pkt;
        for (uint32_t i = 0; i < b->hdr.bh1.num_pkts; i++) {
            struct tpacket3_hdr *h = (void *)p;
            uint8_t *f = p + h->tp_mac;
            if (h->tp_snaplen >= 34 && h->tp_snaplen <= SLOT - DATA && f[12] == 8 && !f[13] && !memcmp(f + 30, &vip, 4)) {
                struct tpacket2_hdr *s = (void *)(send_ring + (size_t)next * SLOT);
                if (__atomic_load_n(&s->tp_status, __ATOMIC_ACQUIRE) & (TP_STATUS_SEND_REQUEST | TP_STATUS_SENDING))
                    send(tx, 0, 0, MSG_DONTWAIT);
                else {
                    memcpy((uint8_t *)s + DATA, macs, 12);
                    memcpy((uint8_t *)s + DATA + 12, f + 12, h->tp_snaplen - 12);
                    s->tp_len = h->tp_snaplen;
                    __atomic_store_n(&s->tp_status, TP_STATUS_SEND_REQUEST, __ATOMIC_RELEASE);
                    next = next + 1 == SLOTS ? 0 : next + 1;
                    if (!(i & 63)) send(tx, 0, 0, MSG_DONTWAIT);
                }
            }
            p += h->tp_next_offset;
        }
        send(tx, 0, 0, MSG_DONTWAIT);
        __atomic_store_n(&b->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
    }
}
