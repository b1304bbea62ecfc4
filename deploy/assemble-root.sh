#!/bin/sh
# Usage: assemble-root.sh <dist> <node_modules> <folder>
# Puts together the file system of the image: Node at /usr/local/bin/node, the shared libraries it is linked with at their own paths, the
# bundle at /app, and beside it koffi, which speakers need: its machine code is linked with no other libraries than Node is. Certificates of
# public authorities are part of Node.
set -eu
dist=$1
modules=$2
root=$3
node=$(command -v node)

mkdir -p "$root/usr/local/bin" "$root/app" "$root/etc" "$root/tmp"
cp -L "$node" "$root/usr/local/bin/node"
# ldd prints `name => /path (address)` and, for the loader, `/path (address)`.
ldd "$node" | grep -o '/[^ ]*' | sort -u | while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done
cp -R "$dist/." "$root/app/"
mkdir "$root/app/node_modules"
cp -R "$modules/koffi" "$modules/@koromix" "$root/app/node_modules/"
echo '{ "type": "module" }' > "$root/app/package.json"
echo 'fairlead:x:65532:65532::/:/sbin/nologin' > "$root/etc/passwd"
echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
chmod 1777 "$root/tmp"
