#!/bin/sh
# Makes NAME.pem and NAME.key in this folder, a certificate that says who a process is, and the authority (ca.pem, ca.key) if there
# is none yet.
#   certificate.sh NAME fairlead://checker/SITE/NAME|fairlead://nameserver/SITE/NAME|fairlead://control/NAME [DAYS]
set -eu
umask 077
name=$1 uri=$2 days=${3:-365}
key() {
  openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out "$1"
}

if [ ! -f ca.key ]; then
  key ca.key
  openssl req -x509 -key ca.key -out ca.pem -days 3650 -subj '/CN=Fairlead authority'
  chmod 0644 ca.pem
fi
request=$(mktemp)
trap 'rm -f "$request" "$request.ext"' EXIT
key "$name.key.new"
openssl req -new -key "$name.key.new" -out "$request" -subj "/CN=$name"
printf 'subjectAltName=URI:%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$uri" >"$request.ext"
openssl x509 -req -in "$request" -CA ca.pem -CAkey ca.key -days "$days" -extfile "$request.ext" -out "$name.pem.new" \
  -set_serial "0x$(openssl rand -hex 16)" 2>/dev/null
chmod 0644 "$name.pem.new"
mv "$name.key.new" "$name.key"
mv "$name.pem.new" "$name.pem"
