#!/bin/sh
# The first process of the guest: its root is the host's, read-only; the work folder is at /mnt, writable.
# The kernel's command line names the folder (weir_work=FOLDER) and passes GLIBC_TUNABLES on.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/root TERM=dumb
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t hostfs none /mnt -o "$weir_work"
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /dev
mkdir -p /dev/net /run/lock
mknod -m 666 /dev/null c 1 3
mknod -m 666 /dev/zero c 1 5
mknod -m 666 /dev/urandom c 1 9
mknod -m 666 /dev/net/tun c 10 200
# Names come from our own file alone.
: >/run/resolv.conf
mount --bind /run/resolv.conf /etc/resolv.conf
mount --bind /mnt/hosts /etc/hosts
version=$(uname -r)
mkdir -p /tmp/modules/lib/modules
ln -s "/usr/lib/uml/modules/$version" "/tmp/modules/lib/modules/$version"
for module in ipv6 ip_vs ip_vs_rr ip_vs_wrr ip_vs_lc ip_vs_wlc ip_vs_lblc ip_vs_lblcr ip_vs_dh ip_vs_sh ip_vs_mh ip_vs_sed \
    ip_vs_nq ip_vs_fo ip_vs_ovf ip_vs_pe_sip ip_vs_ftp tun ip_tables iptable_mangle ip6_tables ip6table_mangle xt_mark xt_tcpudp \
    xt_multiport sctp; do
    modprobe -d /tmp/modules "$module" || echo "GUEST: no $module"
done
ip link set lo up
echo "GUEST: up, $version"
sh /mnt/run.sh
echo "GUEST: status $?"
sync
# The kernel powers off: reboot(LINUX_REBOOT_CMD_POWER_OFF).
perl -e 'syscall(169, 0xfee1dead, 672274793, 0x4321fedc)'
