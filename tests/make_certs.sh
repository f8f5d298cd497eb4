#!/bin/sh
# Makes a local CA and certificates for tests and the demo: make_certs.sh FOLDER
#   ca.pem       the CA that signed the good ones       server.pem/.key   localhost, 127.0.0.1, ::1
#   expired.pem  the same names, no longer valid        wrong.pem         another host name
#   other.pem    localhost, signed by a CA unknown      client.pem/.key   for client authentication
set -eu
dir=$1
mkdir -p "$dir"
cd "$dir"
[ -f complete ] && exit 0

make_ca() {  # name
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=cpwebsockets test $1" \
    -keyout "$1.key" -out "$1.pem" 2>/dev/null
}
make_cert() {  # name, CA, subjectAltName, then the dates for `openssl ca`
  name=$1 ca=$2 names=$3
  shift 3
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" \
    -keyout "$name.key" -out "$name.csr" 2>/dev/null
  printf 'subjectAltName=%s\n' "$names" > "$name.ext"
  : > index.txt
  rm -f index.txt.attr
  printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' > ca.cnf
  openssl ca -batch -config ca.cnf -cert "$ca.pem" -keyfile "$ca.key" -in "$name.csr" -out "$name.pem" \
    -extfile "$name.ext" -notext "$@" 2>/dev/null
}

make_ca ca
make_ca other-ca
make_cert server ca 'DNS:localhost,IP:127.0.0.1,IP:::1' -days 20
make_cert wrong ca 'DNS:elsewhere.example' -days 20
make_cert other other-ca 'DNS:localhost,IP:127.0.0.1' -days 20
make_cert client ca 'DNS:client.example' -days 20
make_cert expired ca 'DNS:localhost,IP:127.0.0.1' -startdate 200101000000Z -enddate 200201000000Z
touch complete
