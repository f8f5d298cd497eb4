#!/bin/sh
# Makes a local CA and certificates for tests and the demo: make_certs.sh FOLDER
#   ca.pem       the CA that signed the good ones       server.pem/.key   localhost, 127.0.0.1, ::1
#   expired.pem  the same names, no longer valid        wrong.pem         another host name
#   other.pem    localhost, signed by a CA unknown      client.pem/.key   for client authentication
#   named.pem    localhost as its common name only      below.pem         localhost, signed by intermediate.pem, which ca.pem signed
set -eu
dir=$1
mkdir -p "$dir"
cd "$dir"
[ -f complete ] && exit 0

make_ca() {  # name
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=cpwebsockets test $1" \
    -keyout "$1.key" -out "$1.pem" 2>/dev/null
}
make_cert() {  # name, CA, common name, extensions, then the dates for `openssl ca`
  name=$1 ca=$2 common_name=$3 extensions=$4
  shift 4
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$common_name" \
    -keyout "$name.key" -out "$name.csr" 2>/dev/null
  printf '%s\n' "$extensions" > "$name.ext"
  : > index.txt
  rm -f index.txt.attr
  printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' > ca.cnf
  openssl ca -batch -config ca.cnf -cert "$ca.pem" -keyfile "$ca.key" -in "$name.csr" -out "$name.pem" \
    -extfile "$name.ext" -notext "$@" 2>/dev/null
}

make_ca ca
make_ca other-ca
make_cert server ca server 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1' -days 20
make_cert wrong ca wrong 'subjectAltName=DNS:elsewhere.example' -days 20
make_cert other other-ca other 'subjectAltName=DNS:localhost,IP:127.0.0.1' -days 20
make_cert client ca client 'subjectAltName=DNS:client.example' -days 20
make_cert expired ca expired 'subjectAltName=DNS:localhost,IP:127.0.0.1' -startdate 200101000000Z -enddate 200201000000Z
make_cert named ca localhost 'keyUsage=digitalSignature' -days 20
make_cert intermediate ca intermediate 'basicConstraints=critical,CA:TRUE' -days 20
make_cert below intermediate below 'subjectAltName=DNS:localhost' -days 20
cat ca.pem > broken-ca.pem
sed 's/^\(.\)\(.*\)$/\2\1/; 1s/.*/-----BEGIN CERTIFICATE-----/; $s/.*/-----END CERTIFICATE-----/' other-ca.pem >> broken-ca.pem
touch complete
