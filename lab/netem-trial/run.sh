#!/usr/bin/env bash
# Shows that the lab delays by netem where the kernel has it: builds the network of a lab under Debian's own kernel, in a virtual
# machine (QEMU, software emulation, about a minute), and measures it there. For development machines whose kernel has no netem.
# What must stay true: the machine's files are mounted read-only; whatever is made lies in one folder, which is removed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
case $here/ in
  /tmp/* | /run/*)
    echo "netem-trial: the machine that it starts has a /tmp and a /run of its own: clone to another folder than $here" >&2
    exit 2
    ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

apt-get install --yes --no-install-recommends qemu-system-x86 busybox-static cpio kmod >"$work/apt.log" 2>&1 ||
  { cat "$work/apt.log" >&2; exit 6; }
package=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image/ { print $2; exit }')
version=${package#linux-image-}
(cd "$work" && apt-get download -o APT::Sandbox::User=root "$package" >/dev/null && dpkg-deb -x "$package"_*.deb kernel)

# The first file system: busybox, and the modules that the trial needs with what they need.
root=$work/root
mkdir -p "$root"/{bin,proc,sys,dev,mnt}
cp /bin/busybox "$root/bin/"
modules=(crc32c_generic virtio_pci 9pnet_virtio 9p veth sch_netem nf_tables)
depmod -b "$work/kernel" "$version"
for module in "${modules[@]}"; do
  modprobe -d "$work/kernel" -S "$version" --show-depends "$module" | awk '/^insmod/ { print $2 }'
done | sort -u | while read -r file; do install -D "$file" "$root/${file#"$work/kernel/"}"; done
cp "$work/kernel/lib/modules/$version"/modules.{order,builtin,builtin.modinfo} "$root/lib/modules/$version/"
depmod -b "$root" "$version"

cat >"$root/init" <<INIT
#!/bin/busybox sh
b=/bin/busybox
\$b mount -t proc none /proc; \$b mount -t sysfs none /sys; \$b mount -t devtmpfs none /dev
for module in ${modules[*]}; do \$b modprobe \$module || echo "no module \$module"; done
\$b mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=262144 host /mnt
for folder in tmp run; do \$b mount -t tmpfs none /mnt/\$folder; done
for folder in proc sys dev; do \$b mount -o move /\$folder /mnt/\$folder; done
exec \$b switch_root /mnt /bin/sh -c 'mkdir -p /run/netns; ip link set lo up
  export HOME=/tmp PATH=$here/../../node_modules/.bin:/usr/sbin:/usr/bin:/sbin:/bin
  node $here/measure.ts && echo "the trial passed"; busybox poweroff -f'
INIT
chmod +x "$root/init"
(cd "$root" && find . | cpio --quiet -o -H newc | gzip -1) >"$work/initrd.gz"

timeout 300 qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 2048 -nographic -no-reboot -nic none \
  -kernel "$work/kernel/boot/vmlinuz-$version" -initrd "$work/initrd.gz" -append 'console=ttyS0 quiet panic=1' \
  -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap |
  tee "$work/console.log"
grep -q '^the trial passed' "$work/console.log"
