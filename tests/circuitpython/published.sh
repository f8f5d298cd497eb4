#!/bin/sh
# Unpacks the classes that Adafruit publishes for network hardware, as they are, from PyPI: published.sh FOLDER. They are
# plain Python: the tests run them on CPython and MicroPython over chips that are played.
set -eu
folder=$1
packages="
  adafruit-circuitpython-busdevice==5.2.17
  adafruit-circuitpython-connectionmanager==3.1.8
  adafruit-circuitpython-esp-atcontrol==0.11.7
  adafruit-circuitpython-esp32spi==11.1.4
  adafruit-circuitpython-ticks==1.1.7
  adafruit-circuitpython-wiznet5k==7.4.5
"
stamp=$folder/packages
echo "$packages" | cmp -s - "$stamp" 2>/dev/null && exit 0
rm -rf "$folder"
mkdir -p "$folder/wheels"
# shellcheck disable=SC2086  # a list of words
/usr/bin/python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$folder/wheels" $packages
for wheel in "$folder"/wheels/*.whl; do
  /usr/bin/python3 -m zipfile -e "$wheel" "$folder"
done
echo "$packages" > "$stamp"
