#!/bin/sh
# Process 1 of a user-mode Linux guest: the host's / read-only, a scratch folder of the test at /mnt. Loads IPVS, runs
# /mnt/setup, and then every /mnt/command that appears; what it said is in /mnt/answer.
if [ -z "$WEIR_STAGE2" ]; then
    # First of all: no AVX in the C library (see WithoutXsave), then over again.
    export GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-AVX,-AVX512F,-AVX512VL,-AVX512BW,-AVX512DQ,-AVX2_Usable,-AVX_Fast_Unaligned_Load,-ERMS,-FSRM,-RTM
    export WEIR_STAGE2=1
    exec /bin/sh "$0"
fi
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmpfs /run
mount -t hostfs none /mnt -o "$weir_folder"
mkdir -p /run/lib/modules
ln -s "/usr/lib/uml/modules/$(uname -r)" "/run/lib/modules/$(uname -r)"
for module in ipv6 ip_vs ip_vs_rr; do
    modprobe -d /run $module || echo "no module $module"
done
ip link set lo up
sh /mnt/setup >/mnt/setup.log 2>&1
echo done >/mnt/ready
while :; do
    if [ -e /mnt/command ]; then
        sh /mnt/command >/mnt/answer.new 2>&1
        rm /mnt/command
        mv /mnt/answer.new /mnt/answer
    fi
    sleep 0.1
done
